"""A Redis server for one benchmark."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecrm_server.bench import machine
from ecrm_server.bench.case import Skip


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a Redis of our own; without the program that of REDIS_URL. Raises Skip when there is neither."""
    program = shutil.which("redis-server")
    if program is None:
        url = os.environ.get("REDIS_URL", "")
        if not url:
            raise Skip("It needs redis-server, or a Redis named in REDIS_URL.")
        yield url
        return
    port = machine.free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Skip("redis-server does not answer.")
