"""Real servers in processes of their own, for tests that kill, restart and load them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

READY_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[tuple[int, str]]:
    """(pid, command line) of the living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) == pid and stat[0] != "Z":
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append((int(entry.name), command))
    return found


class Server:
    """``ecrm run`` on an instance of its own. ``start`` waits until it is ready; ``kill`` is kill -9 of all of it."""

    def __init__(
        self, instance: Path, *, url: str = "", redis: str = "", workers: int = 1, demo: bool = False
    ) -> None:
        self.instance = instance
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self._arguments = ["run", "--port", str(self.port), "--workers", str(workers)] + (
            ["--demo"] if demo else []
        )
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "ECRM_INSTANCE": str(instance),
            "DATABASE_URL": url or f"sqlite:///{instance / 'ecrm.db'}",
            "REDIS_URL": redis,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.log = instance.parent / f"{instance.name}.log"

    def command(self, *arguments: str) -> str:
        """Run ``ecrm`` with these arguments on the same instance; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "ecrm_server.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"ecrm {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Start the server and wait until it can serve."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ecrm_server.cli", *self._arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> float:
        """Wait for ``/readyz``; returns how many seconds that took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            with contextlib.suppress(OSError, urllib.error.URLError):
                if urllib.request.urlopen(f"{self.base}/readyz", timeout=2).status == 200:
                    return time.monotonic() - started
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds} s: {self.log.read_text()[-3000:]}")

    def workers(self) -> list[int]:
        """The process ids of the workers that serve pages."""
        assert self.process is not None
        return [pid for pid, command in children(self.process.pid) if " run " in command]

    def kill(self) -> None:
        """kill -9 of the server, its workers and its job process at once."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Stop the server as an admin would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class PostgresDatabase:
    """A database of its own beside the one the address names, dropped at the end."""

    def __init__(self, server_url: str, name: str) -> None:
        self._server_url = server_url
        self.name = name
        self.url = f"{server_url.rpartition('/')[0]}/{name}"

    def __enter__(self) -> PostgresDatabase:
        self._run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{self.name}"')
        return self

    def __exit__(self, *_: object) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _run(self, sql: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(sql.encode())
