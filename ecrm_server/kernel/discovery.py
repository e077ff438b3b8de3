"""Finding plugins without importing them: bundled, dropped into the instance, or installed as packages."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ecrm_server.errors import PluginError
from ecrm_server.kernel.manifest import Manifest, Origin, read

NAMESPACE = "ecrm_plugins"
ENTRY_POINTS = "ecrm.plugins"
_ROOT = Path(__file__).resolve().parents[2]
_BUNDLED_IN_WHEEL = Path(__file__).resolve().parents[1] / "_bundled"


@dataclass(frozen=True, slots=True)
class Discovered:
    """What there is: manifests by name, and for folders that are no valid plugin the reason."""

    manifests: dict[str, Manifest] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def bundled_folder(kind: str) -> Path:
    """The folder of bundled ``plugins`` or ``themes``: that of the checkout, else that inside the wheel."""
    checkout = _ROOT / kind
    return checkout if (_ROOT / "wsgi.py").exists() and checkout.is_dir() else _BUNDLED_IN_WHEEL / kind


def discover(instance: Path, extra: tuple[Path, ...] = ()) -> Discovered:
    """Read every manifest. ``extra`` are single plugin folders (tests). A name found twice keeps its first place."""
    found = Discovered()
    for folder, origin in _candidates(instance, extra):
        try:
            manifest = read(folder, origin)
        except PluginError as error:
            found.broken.setdefault(folder.name, error.message)
            continue
        if manifest.name in found.manifests:
            other = found.manifests[manifest.name].origin
            found.broken.setdefault(
                f"{manifest.name} ({origin})", f"A plugin of this name exists already ({other})."
            )
            continue
        found.manifests[manifest.name] = manifest
    return found


def _candidates(instance: Path, extra: tuple[Path, ...]) -> Iterator[tuple[Path, Origin]]:
    for folder in extra:
        yield folder, "instance"
    roots: tuple[tuple[Path, Origin], ...] = (
        (bundled_folder("plugins"), "bundled"),
        (instance / "plugins", "instance"),
    )
    for root, origin in roots:
        if root.is_dir():
            yield from (
                (folder, origin) for folder in sorted(root.iterdir()) if (folder / "plugin.toml").exists()
            )
    for folder in _package_folders():
        yield folder, "package"


def _package_folders() -> Iterator[Path]:
    importlib.invalidate_caches()
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        if entry.dist is None:
            continue
        parts = entry.value.partition(":")[0].split(".")
        folder = Path(str(entry.dist.locate_file(""))).joinpath(*parts)
        if (folder / "plugin.toml").exists():
            yield folder


def load(manifest: Manifest, module: str = "plugin") -> types.ModuleType:
    """Import ``ecrm_plugins.<name>.<module>`` from wherever the plugin lies.

    Raises PluginError when the plugin's code cannot be imported.
    """
    _ensure_package(manifest)
    full_name = f"{NAMESPACE}.{manifest.name}.{module}"
    try:
        return importlib.import_module(full_name)
    except Exception as error:
        forget(manifest.name)
        raise PluginError(f"{manifest.title} cannot be imported: {type(error).__name__}: {error}.") from error


def _ensure_package(manifest: Manifest) -> None:
    if NAMESPACE not in sys.modules:
        namespace = types.ModuleType(NAMESPACE)
        namespace.__path__ = []
        sys.modules[NAMESPACE] = namespace
    name = f"{NAMESPACE}.{manifest.name}"
    known = sys.modules.get(name)
    if known is not None and list(known.__path__) == [str(manifest.path)]:
        return
    forget(manifest.name)
    package = types.ModuleType(name)
    package.__path__ = [str(manifest.path)]
    package.__package__ = name
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(manifest.path)]
    package.__spec__ = spec
    sys.modules[name] = package
    setattr(sys.modules[NAMESPACE], manifest.name, package)


def forget(name: str) -> None:
    """Drop a plugin's modules, so that a mended one can be imported at the next attempt."""
    prefix = f"{NAMESPACE}.{name}"
    for module in [key for key in sys.modules if key == prefix or key.startswith(prefix + ".")]:
        del sys.modules[module]


def is_imported(name: str) -> bool:
    """Whether code of the plugin is loaded: its new code then needs a reload of the workers."""
    return f"{NAMESPACE}.{name}.plugin" in sys.modules
