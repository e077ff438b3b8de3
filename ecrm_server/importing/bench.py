"""Benchmarks of imports: 100,000 customers from a file, each looked up by its e-mail address."""

from __future__ import annotations

import csv
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ecrm_server.bench import Bench, Case, Figure, at_least, at_most, machine, opened
from ecrm_server.bench.context import Instance

ROWS = 100_000
LIMIT = 5_000
"""Rows a second."""
MEGABYTES = 300
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_HEADER = ("Number", "Name", "E-mail", "Phone", "City", "Country", "Language", "Birthday", "Tags")
_CITIES = (("Berlin", "Germany"), ("Lyon", "FR"), ("Kraków", "Polska"), ("Leeds", "UK"), ("Porto", "Portugal"))


def import_customers(bench: Bench) -> Iterator[Figure]:
    """The command on an empty site, then again: a first pass that checks and a second that writes, start included."""
    instance = bench.instance("import-table")
    with opened(instance):
        pass
    path = _file(bench.folder / "people.csv")
    for name, counted in (("import of new customers", "created"), ("import of known customers", "unchanged")):
        seconds, peak, said = _run(instance, path)
        if f"{counted}: {ROWS}" not in said:
            raise RuntimeError(f"The import did something else than expected: {said}")
        detail = f"{ROWS:,} rows in {seconds:.1f} s on core {machine.server_core()}"
        yield at_least(name, ROWS / seconds, "rows/s", LIMIT, detail=detail)
        yield at_most(f"memory of the {name}", peak, "MB", MEGABYTES)


def _file(path: Path) -> Path:
    """The same people each time."""
    chance = random.Random(20)  # nosec B311 (benchmark data)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADER)
        for number in range(ROWS):
            city, country = chance.choice(_CITIES)
            writer.writerow((
                f"C{number:06}", f"Person {number}", f"person{number}@example{number % 97}.org",
                f"+49 30 {chance.randrange(10**6):06}", city, country, chance.choice(("de", "en", "fr")),
                f"{chance.randrange(1940, 2005)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
                chance.choice(("", "vip", "vip;newsletter")),
            ))  # fmt: skip
    return path


def _run(instance: Instance, path: Path) -> tuple[float, float, str]:
    """Seconds, the peak of memory in megabytes, and what the command said."""
    command = [sys.executable, "-m", "ecrm_server.cli", "import", "customers", str(path), "--key", "email"]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **instance.environ()}, cwd=path.parent, stdout=subprocess.PIPE, text=True
    )
    peak = 0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        time.sleep(0.1)
        try:
            found = _PEAK.search(status.read_text())
        except OSError:
            continue
        peak = max(peak, int(found[1]) if found else 0)
    seconds = time.perf_counter() - started
    said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, peak / 1000, said


CASES = [Case("import-table", "Rows a second of 100,000 customers from CSV, looked up by e-mail", import_customers)]
