"""Running cases, each in a process of its own so that none slows another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import peewee

from ecrm_server import data
from ecrm_server.bench import machine
from ecrm_server.bench.case import Case, Figure, Skip
from ecrm_server.bench.context import Bench
from ecrm_server.data import database
from ecrm_server.errors import ConfigError

LOOPBACK = "postgresql://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case gave on one engine: figures, or the reason why it was left out."""

    case: str
    title: str
    engine: str
    figures: list[Figure] = field(default_factory=list)
    skipped: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        figures = [{**asdict(figure), "verdict": figure.verdict} for figure in self.figures]
        return {"case": self.case, "engine": self.engine, "skipped": self.skipped, "figures": figures}


def postgres(url: str) -> str:
    """The maintenance database to use: the one given, else the standard loopback port's if it answers, else nothing."""
    if url:
        return url
    try:
        data.connect(LOOPBACK)
        with database.connection_context():
            database.execute_sql("SELECT 1")
    except (ConfigError, peewee.PeeweeException):
        return ""
    database.close_all()
    return LOOPBACK


def run(cases: list[Case], server: str) -> Iterator[Outcome]:
    """Run cases on SQLite and, with the address of a PostgreSQL server, there too."""
    for case in cases:
        for engine in case.databases:
            if engine == "sqlite" or server:
                yield _run(case, engine, server)


def _run(case: Case, engine: str, server: str) -> Outcome:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "ecrm_server.bench.child", case.name, engine, server],
        stdout=subprocess.PIPE, text=True, check=False, env=environ,
    )  # fmt: skip
    if done.returncode != 0:
        return Outcome(
            case.name, case.title, engine, skipped=f"It failed with exit status {done.returncode}."
        )
    answer = json.loads(done.stdout.splitlines()[-1])
    figures = [Figure(**figure) for figure in answer["figures"]]
    return Outcome(case.name, case.title, engine, figures, answer["skipped"])


def measure(case: Case, engine: str, server: str) -> dict[str, Any]:
    """Measure one case in this process. Gives what ``_run`` reads."""
    machine.pin_here(machine.server_core())
    with tempfile.TemporaryDirectory(prefix="ecrm-bench-") as folder:
        bench = Bench(engine, Path(folder), server)
        try:
            return {"figures": [asdict(figure) for figure in case.run(bench)], "skipped": ""}
        except Skip as reason:
            return {"figures": [], "skipped": str(reason)}
        finally:
            bench.close()
