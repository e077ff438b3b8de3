from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built offline."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


def test_the_wheel_installs_one_module_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ecrm_server"}


@pytest.mark.parametrize("kind, manifest", [("plugins", "plugin.toml"), ("themes", "theme.toml")])
def test_the_wheel_carries_every_bundled_plugin_and_theme(wheel: Path, kind: str, manifest: str) -> None:
    bundled = {path.parent.name for path in (ROOT / kind).glob(f"*/{manifest}")}
    assert bundled
    names = zipfile.ZipFile(wheel).namelist()
    assert bundled == {
        name.split("/")[3]
        for name in names
        if name.startswith(f"ecrm_server/_bundled/{kind}/") and name.endswith(manifest)
    }


def test_the_wheel_carries_templates_assets_and_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"ecrm_server/templates/base.html", "ecrm_server/static/vendor/vendor.lock.json"} <= names
    assert {"LICENSE", "THIRD_PARTY_LICENCES.md"} <= {
        name.split("/")[-1] for name in names if "/licenses/" in name
    }
    assert not [name for name in names if name.endswith(".pyc") or "/instance/" in name]


def test_an_installed_wheel_knows_its_plugins_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = os.environ | {"PYTHONPATH": str(site), "ECRM_INSTANCE": str(tmp_path / "instance")}
    command = [sys.executable, "-m", "ecrm_server.cli", "plugin", "list"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for manifest in (ROOT / "plugins").glob("*/plugin.toml"):
        assert manifest.parent.name in done.stdout
