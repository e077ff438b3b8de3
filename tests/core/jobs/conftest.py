from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecrm_server.kernel.site import Site

if TYPE_CHECKING:
    from redis import Redis

Start = Callable[[], "subprocess.Popen[bytes]"]
QUEUE_KEY = "huey.redis.ecrm"

MANIFEST = 'name = "factory"\ntitle = "Factory"\nversion = "1.0"\n'
# Its jobs append a line to a file, so that processes that are killed leave a trace.
CODE = """
import os
import time
from pathlib import Path

from ecrm_server.api import JobKind, Refusal, hookimpl


def _note(path, word):
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{word} {os.getpid()}\\n")


def write(run, path, word="done"):
    _note(path, word)


def wait(run, path):
    _note(path, "began")
    while not Path(path + ".go").exists():
        run.check()
        time.sleep(0.02)
    _note(path, "ended")


def fail(run, path):
    _note(path, "failed")
    raise RuntimeError("the machine broke")


def refuse(run):
    raise Refusal("Not on Sundays.")


def count(run, total):
    for number in range(total + 1):
        run.progress(number, total, f"{number} pieces")


@hookimpl
def jobs():
    return [
        JobKind("factory.write", write, "Write"),
        JobKind("factory.wait", wait, "Wait"),
        JobKind("factory.fail", fail, "Fail", max_attempts=2),
        JobKind("factory.refuse", refuse),
        JobKind("factory.count", count),
        JobKind("factory.daily", lambda run: None, every=86_400),
    ]
"""


@pytest.fixture
def redis_queue(redis_url: str) -> Iterator[Redis]:
    """A database of the Redis server without a queue; its address is ``.address``. The test's site uses it."""
    from redis import Redis

    address = f"{redis_url}/7"
    client = Redis.from_url(address)
    client.address = address  # type: ignore[attr-defined]
    client.delete(QUEUE_KEY)
    yield client
    client.delete(QUEUE_KEY)
    client.close()


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path: Path, make_site: Callable[..., Site], both_engines: str
) -> Site:
    """A site on each engine with a plugin that has jobs; its queue is a file, or ``redis_queue`` where a test asks."""
    folder = tmp_path / "instance" / "plugins" / "factory"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    with_redis = "redis_queue" in request.fixturenames
    return make_site(
        "factory", redis_url=request.getfixturevalue("redis_queue").address if with_redis else ""
    )


@pytest.fixture
def factory(site: Site) -> Site:
    """The same by the name of its plugin."""
    return site


@pytest.fixture
def start(factory: Site) -> Iterator[Start]:
    """Starts a job process of the test's site; whatever still runs afterwards is killed."""
    started: list[subprocess.Popen[bytes]] = []
    settings = {
        "ECRM_INSTANCE": str(factory.config.instance),
        "DATABASE_URL": factory.config.database_url,
        "REDIS_URL": factory.config.redis_url,
        "ECRM_SECRET_KEY": "test",
    }

    def run() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ecrm_server.cli", "jobs", "--parent", str(os.getpid())]
        process = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
