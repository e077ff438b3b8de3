"""The machine that measures: its cores, and what its processes use."""

from __future__ import annotations

import os
import platform
import socket
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def server_core() -> int:
    """The core on which what is measured runs."""
    return min(_pinned or os.sched_getaffinity(0))


def load_core() -> int:
    """The core on which load is made: another one where there is another one."""
    return max(_pinned or os.sched_getaffinity(0))


_pinned: set[int] = set()


def pin_here(core: int) -> None:
    """Keep this process on one core from now on; it remembers which others there are."""
    _pinned.update(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})


def describe() -> dict[str, object]:
    """What a reader must know to compare figures."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def free_port() -> int:
    """A port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int, *, ended_children: bool = False) -> float:
    """CPU time that a process (and those of its children that ended) has used so far, user code and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11 : 15 if ended_children else 13]) / _TICKS


def resident_mb(pid: int) -> float:
    """Memory of a process that lies in RAM, in MB (10^6 bytes), shared pages included."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def children(pid: int) -> list[int]:
    """The processes that a process started, the oldest first."""
    return [
        int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    ]


def command_of(pid: int) -> list[str]:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")[:-1]
