"""Importing: rows a second of a real dump."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ecrm_server.bench import Bench, Figure, Skip, at_least, machine, opened

VARIABLE = "ECRM_BENCH_STACKEXCHANGE"
"""Names the folder of a dump to import."""
NEARBY = "../shared/data/community/*.stackexchange"
LIMIT = 3000
_ROW = re.compile(rb"^\s*<row ", re.MULTILINE)


def import_dump(bench: Bench) -> Iterator[Figure]:
    """The command on an empty forum: start, first pass, cooking and search included."""
    dump = _dump()
    rows = sum(len(_ROW.findall(path.read_bytes())) for path in dump.glob("*.xml"))
    instance = bench.instance("import")
    with opened(instance, "forums"):
        pass
    before = os.times()
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ecrm_server.cli", "import", "stackexchange", str(dump)],
        env={**os.environ, **instance.environ()}, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    seconds, after = time.perf_counter() - started, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    detail = f"{rows:,} rows of {dump.name} in {seconds:.1f} s, {spent:.1f} s of CPU on core {machine.server_core()}"
    yield at_least("import", rows / seconds, "rows/s", LIMIT, detail=detail)


def _dump() -> Path:
    named = os.environ.get(VARIABLE)
    found = [Path(named)] if named else sorted(Path.cwd().glob(NEARBY))
    if not found or not found[0].is_dir():
        raise Skip(f"No dump is here: set {VARIABLE} to the folder of one.")
    return found[0]
