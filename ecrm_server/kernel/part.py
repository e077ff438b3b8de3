"""A part of the product: a core domain or a plugin. Both speak through the same hooks."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecrm_server.errors import PluginError
from ecrm_server.kernel import discovery
from ecrm_server.kernel.fence import implementations
from ecrm_server.kernel.manifest import Manifest

CORE_PARTS = (
    "kernel",
    "events",
    "settings",
    "identity",
    "access",
    "audit",
    "jobs",
    "storage",
    "notices",
    "search",
    "importing",
    "lists",
    "realtime",
    "customers",
    "mailbox",
    "moderation",
    "privacy",
    "consent",
    "rest",
    "web",
    "reference",
    "admin",
)
"""Core domains in the order of their migrations; each has a ``hooks.py`` like a plugin's ``plugin.py``."""

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Part:
    """A core domain (``manifest`` is None) or an imported plugin."""

    name: str
    title: str
    folder: Path
    module: types.ModuleType
    manifest: Manifest | None = None
    hooks: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def is_core(self) -> bool:
        return self.manifest is None

    def declare(self, hook: str) -> Any:
        """The result of a declaration hook, or None. A raise becomes the reason why the plugin is left out."""
        function = self.hooks.get(hook)
        if function is None:
            return None
        try:
            return function()
        except Exception as error:
            if self.is_core:
                raise
            raise PluginError(f"Its hook {hook} failed: {type(error).__name__}: {error}.") from error


def core_folder(name: str) -> Path:
    """The folder of a core domain."""
    return _PACKAGE / name


def core_part(name: str) -> Part:
    """Import a core domain's hooks."""
    module = importlib.import_module(f"ecrm_server.{name}.hooks")
    return Part(name, name.capitalize(), core_folder(name), module, None, implementations(module))


def plugin_part(manifest: Manifest) -> Part:
    """Import a plugin. Raises PluginError when that fails."""
    module = discovery.load(manifest)
    return Part(manifest.name, manifest.title, manifest.path, module, manifest, implementations(module))
