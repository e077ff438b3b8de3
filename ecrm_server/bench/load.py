"""A small HTTP load generator: keep-alive connections over raw sockets, in a process and on a core of its own."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from ecrm_server.bench import machine

CHUNK = 262_144
PATIENCE = 30.0
"""Seconds after which an answer counts as never coming."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask for: ``requests`` (see :func:`get`) in turn, over so many connections, each one request at a time."""

    port: int
    requests: list[str]
    seconds: float = 5.0
    connections: int = 8
    warm_up: float = 1.0


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back: answers counted by status, latencies in milliseconds in ascending order."""

    statuses: dict[str, int]
    seconds: float
    latencies: list[float] = field(repr=False)
    body_bytes: int = 0
    """Bytes of the last body."""

    @property
    def answers(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    @property
    def failed(self) -> int:
        """Answers that were no 200."""
        return sum(count for status, count in self.statuses.items() if status != "200")

    def percentile(self, percent: float) -> float:
        """The latency in milliseconds that so many percent of the answers kept."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))]


def get(path: str, *, cookie: str = "", host: str = "localhost") -> str:
    """The text of a GET request."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: text/html", "Accept-Language: en"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join(lines) + "\r\n\r\n"


def run_load(load: Load) -> LoadResult:
    """Make the load from the load core and wait for the result."""
    done = subprocess.run(
        [sys.executable, "-c", "from ecrm_server.bench import load; load.main()", str(machine.load_core())],
        input=json.dumps(asdict(load)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return LoadResult(**json.loads(done.stdout))


class _Connection:
    """One kept-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._expected = -1
        self.started = 0.0
        self.status = ""
        self.body_bytes = 0

    def ask(self, request: bytes) -> None:
        self._received, self._expected = b"", -1
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bool:
        """Read what came; True when the answer is complete. Raises ConnectionError when the server hung up."""
        chunk = self.socket.recv(CHUNK)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self._received += chunk
        if self._expected < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._expected = end + 4 + self._read_head(self._received[:end])
        return len(self._received) >= self._expected

    def _read_head(self, head: bytes) -> int:
        self.status = head[9:12].decode()
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                self.body_bytes = int(value)
                return self.body_bytes
        raise ValueError(f"an answer without Content-Length: {head.decode('latin-1')}")


def _measure(load: Load) -> LoadResult:
    requests = [request.encode("latin-1") for request in load.requests]
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    selector = selectors.DefaultSelector()
    number = 0
    for _ in range(load.connections):
        connection = _Connection(load.port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(requests[number % len(requests)])
        number += 1
    begin = time.perf_counter() + load.warm_up
    end = begin + load.seconds
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(end - now):
            connection = key.data
            if not connection.take():
                continue
            if connection.started >= begin:
                latencies.append((time.perf_counter() - connection.started) * 1000)
                statuses[connection.status] += 1
            connection.ask(requests[number % len(requests)])
            number += 1
    if not latencies:
        raise TimeoutError("no answer came")
    return LoadResult(dict(statuses), load.seconds, sorted(latencies), connection.body_bytes)


def main() -> None:
    """The process that makes the load: pins itself, reads the load from standard input, prints the result."""
    os.sched_setaffinity(0, {int(sys.argv[1])})
    spec: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(_measure(Load(**spec))), sys.stdout)
