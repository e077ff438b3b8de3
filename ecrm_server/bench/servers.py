"""Starting the servers that are measured, on the server core."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ecrm_server.bench import machine
from ecrm_server.bench.case import Skip
from ecrm_server.bench.context import Instance

START_SECONDS = 180.0
"""The longest start: that of a clone, with its packages."""
SETTLE_SECONDS = 4.0


class Running:
    """A server process and its workers, as a context manager."""

    def __init__(
        self, command: list[str], port: int, *, environ: Mapping[str, str] | None = None, folder: Path | None = None,
        core: int | None = None,
    ) -> None:  # fmt: skip
        self.port = port
        self._command = command
        self._environ = {**os.environ, **(environ or {})}
        self._environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self._folder = folder
        self._core = core
        self.seconds_to_first_page = 0.0
        self.cpu_to_first_page = 0.0
        """CPU time of the master, of what prepared the instance and of the workers, in seconds."""

    def __enter__(self) -> Self:
        started = time.perf_counter()
        before = os.sched_getaffinity(0)
        if self._core is not None:
            os.sched_setaffinity(0, {self._core})  # inherited by the child
        try:
            self.process = subprocess.Popen(
                self._command,
                env=self._environ,
                cwd=self._folder,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
            )
        finally:
            os.sched_setaffinity(0, before)
        try:
            self._wait(started)
        except BaseException:
            self._end()
            raise
        self.seconds_to_first_page = time.perf_counter() - started
        self.cpu_to_first_page = (
            machine.cpu_seconds(self.process.pid, ended_children=True) + self.cpu_seconds()
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _wait(self, started: float) -> None:
        path = "/"
        while time.perf_counter() - started < START_SECONDS:
            if self.process.poll() is not None:
                raise Skip(f"The server ended with exit status {self.process.returncode}.")
            answer = self._try(path)
            if answer is not None and answer.status in (301, 302, 303):
                path = urlsplit(answer.headers["Location"]).path
            elif answer is not None and answer.status == 200:
                return
            elif answer is not None and answer.status != 503:
                raise Skip(f"The first page answered {answer.status}.")
            else:
                time.sleep(0.01)
        raise Skip("The server did not answer.")

    def _try(self, path: str) -> http.client.HTTPResponse | None:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Accept": "text/html"})
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return None
        finally:
            connection.close()
        return answer

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def settle(self) -> None:
        """Let the process of the jobs start too, before anything is measured."""
        time.sleep(SETTLE_SECONDS)

    @property
    def workers(self) -> list[int]:
        """The processes that answer requests."""
        return [pid for pid in machine.children(self.process.pid) if "jobs" not in machine.command_of(pid)]

    def cpu_seconds(self) -> float:
        """CPU time that the workers have used so far."""
        return sum(machine.cpu_seconds(pid) for pid in self.workers)


class Site(Running):
    """``ecrm run`` on an instance."""

    def __init__(self, instance: Instance, *, workers: int = 1, core: int | None = None) -> None:
        port = machine.free_port()
        self.instance = instance
        super().__init__(
            [sys.executable, "-m", "ecrm_server.cli", "run", "--port", str(port), "--workers", str(workers)],
            port, environ={**instance.environ(), "ECRM_BASE_URL": f"http://localhost:{port}"}, core=core,
        )  # fmt: skip


class Bare(Running):
    """The yardstick: a Flask view that renders a Jinja loop over 20 constant dicts, about ``body_bytes`` of HTML."""

    def __init__(self, body_bytes: int, *, core: int | None = None) -> None:
        port = machine.free_port()
        command = [sys.executable, "-m", "ecrm_server.bench.bare", str(port), str(body_bytes)]
        super().__init__(command, port, core=core)
