"""Finding cases: those of the server as a whole, of core domains and of bundled plugins."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ecrm_server.bench.case import Case
from ecrm_server.kernel.discovery import discover, load
from ecrm_server.kernel.manifest import Manifest
from ecrm_server.kernel.part import CORE_PARTS, core_folder

OWN = ("ecrm_server.bench.start",)


def all_cases() -> list[Case]:
    """Every case, those of the plugins first."""
    found = [case for module in _modules() for case in module.CASES]
    return sorted(found, key=lambda case: case.name)


def chosen(names: Iterable[str]) -> list[Case]:
    """The cases whose name begins with one of ``names``; all of them when none is given. Raises KeyError."""
    cases = all_cases()
    for name in names:
        if not any(case.name.startswith(name) for case in cases):
            raise KeyError(name)
    return [case for case in cases if not names or any(case.name.startswith(name) for name in names)]


def bundled() -> list[str]:
    """The names of the bundled plugins."""
    return sorted(manifest.name for manifest in _bundled())


def tell_of_customer(customer_id: int, account_id: int) -> None:
    """Let each part that has something to say about customers say much about one: ``known_of_customer`` of its module.

    The plugins of :func:`bundled` must be on.
    """
    for module in _modules():
        tell = getattr(module, "known_of_customer", None)
        if tell is not None:
            tell(customer_id, account_id)


def _modules() -> Iterator[Any]:
    for name in OWN:
        yield importlib.import_module(name)
    for part in CORE_PARTS:
        if _has_cases(core_folder(part)):
            yield importlib.import_module(f"ecrm_server.{part}.bench")
    for manifest in _bundled():
        if _has_cases(manifest.path):
            yield load(manifest, "bench")


def _bundled() -> Iterator[Manifest]:
    found = discover(Path("instance")).manifests.values()
    return (manifest for manifest in found if manifest.origin == "bundled")


def _has_cases(folder: Path) -> bool:
    return (folder / "bench.py").exists() or (folder / "bench").is_dir()
