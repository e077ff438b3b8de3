"""What the rules of the quality scale look at."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from ecrm_server.cli.plugin_tests import folder_of
from ecrm_server.kernel.generation import Generation
from ecrm_server.kernel.manifest import Manifest


@dataclass(frozen=True)
class Subject:
    """A plugin: its folder, and a generation in which it is enabled."""

    manifest: Manifest
    generation: Generation

    def files(self, suffix: str, *, tests: bool = False) -> list[Path]:
        """The plugin's files with a suffix; those of its tests only when asked for."""
        found = sorted(self.manifest.path.rglob(f"*{suffix}"))
        return [path for path in found if tests or "tests" not in path.relative_to(self.manifest.path).parts]

    def name_of(self, path: Path) -> str:
        """A file's path inside the plugin."""
        return path.relative_to(self.manifest.path).as_posix()

    @functools.cached_property
    def test_text(self) -> str:
        """All tests of the plugin as one text."""
        return "\n".join(path.read_text("utf-8") for path in sorted(folder_of(self.manifest).rglob("*.py")))

    def declared(self, hook: str) -> list[str]:
        """Names that the plugin declared with a hook."""
        owners = self.generation.registry.owner.items()
        own = [key.partition(" ") for key, owner in owners if owner == self.manifest.name]
        return sorted(name for kind, _, name in own if kind == hook)
