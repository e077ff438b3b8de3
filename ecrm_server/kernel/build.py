"""Building a generation from a snapshot. Starts nothing and never touches the database."""

from __future__ import annotations

import copy
import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ecrm_server.errors import PluginError
from ecrm_server.kernel.generation import FaultHandler, Generation
from ecrm_server.kernel.order import in_order
from ecrm_server.kernel.part import CORE_PARTS, Part, core_part, plugin_part
from ecrm_server.kernel.registry import Registry
from ecrm_server.kernel.snapshot import Snapshot
from ecrm_server.privacy.strict import require_personal_hooks
from ecrm_server.web.app import add_part, finish_app, new_app

log = logging.getLogger(__name__)


def core_parts() -> list[Part]:
    """The core domains, imported."""
    return [core_part(name) for name in CORE_PARTS]


def build(snapshot: Snapshot, on_fault: FaultHandler) -> Generation:
    """Build the generation of a snapshot.

    A plugin that cannot be imported, misspells a hook, clashes or declares a route without a permission is left
    out, with the reason; so are those that need it. A fault in the core itself raises.
    """
    with _collector_paused():
        left_out: dict[str, str] = {}
        while True:
            plugins = _import_plugins(snapshot, left_out)
            try:
                return _assemble(snapshot, plugins, left_out, on_fault)
            except _Unfit as unfit:
                log.warning("left out %s: %s", unfit.plugin, unfit.reason)
                left_out[unfit.plugin] = unfit.reason


class _Unfit(Exception):
    """A plugin turned out not to fit; the build starts again without it."""

    def __init__(self, plugin: str, reason: str) -> None:
        self.plugin = plugin
        self.reason = reason


def _import_plugins(snapshot: Snapshot, left_out: dict[str, str]) -> list[Part]:
    manifests = snapshot.discovered.manifests
    while True:
        ordered, missing = in_order((name for name in snapshot.wanted if name not in left_out), manifests)
        left_out.update(missing)
        parts: list[Part] = []
        for name in ordered:
            try:
                parts.append(plugin_part(manifests[name]))
            except PluginError as error:
                left_out[name] = error.message
                break
        else:
            return parts


def _assemble(
    snapshot: Snapshot, plugins: list[Part], left_out: dict[str, str], on_fault: FaultHandler
) -> Generation:
    registry = Registry()
    core = core_parts()
    for part in core:
        registry.add(part)
    for part in plugins:
        trial = _copy(registry)
        with _or_unfit(part):
            trial.add(part)
            trial.finish(snapshot)
            require_personal_hooks(part, trial.retention)
        registry = trial
    registry.finish(snapshot)
    generation = Generation(snapshot, [*core, *plugins], registry, left_out, on_fault)
    app = new_app(generation)
    for part in core:
        add_part(app, part)
    for part in plugins:
        with _or_unfit(part):
            add_part(app, part)
    finish_app(app)
    return generation


@contextmanager
def _or_unfit(part: Part) -> Iterator[None]:
    try:
        yield
    except PluginError as error:
        raise _Unfit(part.name, error.message) from error
    except (
        Exception
    ) as error:  # whatever a plugin's declarations provoke must not keep the site from starting
        raise _Unfit(part.name, f"{type(error).__name__}: {error}") from error


def _copy(registry: Registry) -> Registry:
    """A registry that shares the declared things but not the dictionaries that hold them."""
    twin = copy.copy(registry)
    for name, value in vars(registry).items():
        setattr(twin, name, copy.copy(value))
    return twin


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A build makes some 11,000 objects that all stay: collecting garbage meanwhile only costs time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
