"""The set-up script and the reporting of what a machine lacks, run as a user would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

DEAD_POSTGRES = "postgresql://postgres@127.0.0.1:1/postgres"


@pytest.fixture
def empty_checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing was set up yet, as far as the set-up script sees."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "venv", tmp_path / ".ci" / "venv")
    for name in ("requirements-build.lock", "requirements.lock", "pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_up(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up script for `make run`."""
    return subprocess.run(
        [checkout / ".ci" / "venv", "run"],
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_missing_python_is_named_with_its_apt_line(empty_checkout: Path) -> None:
    done = set_up(empty_checkout, PYTHON="no-such-python")
    assert done.returncode == 1
    assert done.stderr == "Python 3.11 or newer is missing: sudo apt-get install python3 python3-venv\n"


def test_a_missing_venv_module_is_named_with_its_apt_line(empty_checkout: Path) -> None:
    python = empty_checkout / "python-without-venv"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n', "utf-8"
    )
    python.chmod(0o755)
    done = set_up(empty_checkout, PYTHON=str(python))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode == 1
    assert (
        done.stderr == f"Python {version} lacks its venv module: sudo apt-get install python{version}-venv\n"
    )


def test_every_target_of_make_is_listed() -> None:
    listed = subprocess.run(
        ["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True
    )
    for target in ("run", "test", "lint", "bench", "lock", "clean"):
        assert re.search(rf"^  make {target} +\w", listed.stdout, re.MULTILINE)


def run_asking_for_postgres(tmp_path: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    """Run a test that asks for a PostgreSQL server which is not there."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = postgres: needs PostgreSQL\n", "utf-8")
    text = "import pytest\n@pytest.mark.postgres\ndef test_with_a_server(): pass\ndef test_without(): pass\n"
    (tmp_path / "test_sample.py").write_text(text, "utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "ECRM_REQUIRE_ALL": require_all,
        "ECRM_TEST_POSTGRES_URL": DEAD_POSTGRES,
    }
    command = [sys.executable, "-m", "pytest", "-p", "tests.requirements", "-q", str(tmp_path)]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
    )


def test_what_the_machine_lacks_is_left_out_and_named(tmp_path: Path) -> None:
    done = run_asking_for_postgres(tmp_path, require_all="0")
    assert done.returncode == 0
    assert "1 passed, 1 skipped" in done.stdout
    assert "PostgreSQL is missing, tests left out: 1. sudo apt-get install postgresql" in done.stdout


def test_what_the_machine_lacks_is_a_failure_when_all_is_required(tmp_path: Path) -> None:
    done = run_asking_for_postgres(tmp_path, require_all="1")
    assert done.returncode == 1
    assert "PostgreSQL is missing, tests failed: 1." in done.stdout


def test_any_skip_is_a_failure_when_all_is_required(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(
        "import pytest\ndef test_a(): pytest.skip('no reason')\n", "utf-8"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ECRM_REQUIRE_ALL": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.requirements", "-q", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Tests skipped although ECRM_REQUIRE_ALL=1: 1" in done.stdout
