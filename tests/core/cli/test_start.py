from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ecrm_server.cli.main import BUILT_IN, built_in


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_process_that_forks_the_workers_knows_no_database() -> None:
    code = "import sys, ecrm_server.cli.server; print(sorted({'peewee', 'flask'} & set(sys.modules)))"
    assert run(code).stdout.strip() == "[]"


def test_a_worker_has_a_connection_for_each_greenlet() -> None:
    code = (
        "import ecrm_server.cli.server\n"
        "from ecrm_server import entry\n"
        "import gevent.local, peewee\n"
        "print(issubclass(peewee._ConnectionLocal, gevent.local.local))"
    )
    assert run(code).stdout.strip() == "True"


def test_a_worker_whose_database_library_came_first_does_not_start() -> None:
    done = run("import peewee; from ecrm_server import entry")
    assert "peewee was imported before gevent patched the process" in done.stderr


def test_every_built_in_command_is_found_where_it_is_said_to_be() -> None:
    assert {name: built_in(name).name for name in BUILT_IN} == {name: name for name in BUILT_IN}


def test_a_command_of_a_part_asks_for_a_site_and_makes_none(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "ecrm_server.cli", "--instance", str(folder)]
    done = subprocess.run(
        [*command, "import", "stackexchange", "x"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 1
    assert "Run 'ecrm init' first" in done.stderr
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False, env=environment)
    assert "init" in shown.stdout
    assert not folder.exists()
