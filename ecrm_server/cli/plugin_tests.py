"""``ecrm plugin test``: pytest over the tests of one plugin."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from ecrm_server.errors import ConfigError
from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.kernel.manifest import Manifest

_OWN_SETTINGS = ("pyproject.toml", "pytest.ini", "pytest.toml", "tox.ini", "setup.cfg")


def folder_of(manifest: Manifest) -> Path:
    """Where the tests of a plugin are: its own folder, or that of the checkout for a bundled one. It may not exist."""
    beside = bundled_folder("plugins").parent / "tests" / "plugins" / manifest.name
    return beside if manifest.origin == "bundled" and beside.is_dir() else manifest.path / "tests"


def run(manifest: Manifest, arguments: tuple[str, ...]) -> bool:
    """Whether all tests passed. Raises ConfigError when there are none, or no pytest."""
    folder = folder_of(manifest)
    if not folder.is_dir():
        raise ConfigError(f"{manifest.name} has no folder 'tests'.")
    if importlib.util.find_spec("pytest") is None:
        raise ConfigError("Tests need pytest. Install it with: pip install 'pytest>=9'")
    command = [sys.executable, "-m", "pytest", str(folder), "-p", "no:cacheprovider"]
    if manifest.origin != "bundled" and not any((manifest.path / name).exists() for name in _OWN_SETTINGS):
        # Settings of a project further up, such as a checkout around the instance, are not the plugin's.
        command += ["-c", os.devnull, f"--rootdir={manifest.path}"]
    return subprocess.call([*command, *arguments]) == 0
