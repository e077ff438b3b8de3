"""Build hook: a wheel carries the bundled plugins, themes and guides inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface[Any]):
    """Put `plugins/`, `themes/` and `docs/` into a wheel as `ecrm_server/_bundled/`: it installs one module only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for name in ("plugins", "themes", "docs"):
            folder = Path(self.root, name)
            if folder.is_dir() and any(folder.iterdir()):
                build_data["force_include"][str(folder)] = f"ecrm_server/_bundled/{name}"
