"""Benchmarks of the process as a whole: start, memory, small answers."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ecrm_server.bench import machine
from ecrm_server.bench.case import Case, Figure, Skip, at_most, reported
from ecrm_server.bench.context import Bench
from ecrm_server.bench.load import Load, get, run_load
from ecrm_server.bench.servers import Running, Site

CHECKOUT = Path(__file__).resolve().parents[2]
BESIDE_PIP = 10.0
COLD = 60.0
WARM = 3.0
IDLE_MB = 150.0


def cold(bench: Bench) -> Iterator[Figure]:
    """``make run`` in a fresh clone, beside what the virtual environment and pip alone cost."""
    clone = _clone(bench.folder)
    alone = _venv_alone(clone, bench.folder / "alone")
    with _made(clone, bench.folder / "instance") as server:
        took = server.seconds_to_first_page
    detail = f"{took:.1f} s to the first page, {alone:.1f} s for the virtual environment and pip alone"
    yield at_most("cold start beside pip", took - alone, "s", BESIDE_PIP, detail=detail)
    yield at_most("cold start", took, "s", COLD, detail="make run in a fresh clone, demo company included")
    times = []
    for _ in range(3):
        with _made(clone, bench.folder / "instance") as server:
            times.append(server.seconds_to_first_page)
    yield at_most(
        "warm start, make run", min(times), "s", WARM, detail=f"best of three, worst {max(times):.1f}"
    )


def _clone(folder: Path) -> Path:
    if not (CHECKOUT / ".git").exists() or not shutil.which("git") or not shutil.which("make"):
        raise Skip("It needs git, make and the project's checkout.")
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    return clone


def _venv_alone(clone: Path, folder: Path) -> float:
    """Seconds that ``venv`` and ``pip install`` of the same lock file take."""
    started = time.perf_counter()
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    for lock in ("requirements-build.lock", "requirements.lock"):
        command = [*pip, "--require-hashes", "--use-pep517", "--no-build-isolation", "-r", str(clone / lock)]
        if subprocess.run(command, check=False).returncode:
            raise Skip("The locked packages could not be installed.")
    return time.perf_counter() - started


def _made(clone: Path, instance: Path) -> Running:
    port = machine.free_port()
    command = ["make", "--silent", "run", f"ARGS=--port {port}"]
    environ = {"ECRM_INSTANCE": str(instance), "DATABASE_URL": "", "REDIS_URL": "", "ECRM_BASE_URL": ""}
    return Running(command, port, environ=environ, folder=clone)


def idle(bench: Bench) -> Iterator[Figure]:
    """A server that nobody uses: warm start, memory, the delay of small answers."""
    instance = bench.instance("idle")
    with Site(instance) as server:
        yield reported(
            "first start", server.seconds_to_first_page, "s", detail="ecrm run on an empty database"
        )
    times, spent = [], []
    for _ in range(3):
        with Site(instance) as server:
            times.append(server.seconds_to_first_page)
            spent.append(server.cpu_to_first_page)
    detail = f"ecrm run, best of three, worst {max(times):.1f}; {min(spent):.1f} s of CPU in all"
    yield at_most("warm start", min(times), "s", WARM, detail=detail)
    with Site(instance, core=machine.server_core()) as server:
        server.settle()
        memory = max(machine.resident_mb(pid) for pid in server.workers)
        family = {server.process.pid, *machine.children(server.process.pid)}
        others = sorted(family - set(server.workers))
        rest = " and ".join(f"{machine.resident_mb(pid):.0f}" for pid in others)
        yield at_most("idle worker", memory, "MB", IDLE_MB, detail=f"master and job process: {rest} MB")
        result = run_load(Load(server.port, [get("/healthz")], seconds=3, connections=1))
        detail = f"keep-alive, one after the other, 99% {result.percentile(99):.1f}"
        yield at_most("small answer", statistics.median(result.latencies), "ms", 5, detail=detail)


CASES = [
    Case("start-cold", "make run in a fresh clone, beside pip alone", cold, databases=("sqlite",)),
    Case("idle", "Warm start, idle memory, small answers on kept-alive connections", idle),
]
