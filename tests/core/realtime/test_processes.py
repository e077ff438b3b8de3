"""Two server processes on gevent workers, with and without Redis between them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecrm_server.data import database
from ecrm_server.identity import sessions
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import make_account, session_cookie
from ecrm_server.realtime import store
from tests.core.realtime.client import Client

ROOM = "talk.room:open"
ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """A Redis server of the test's own, to be stopped, hung and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self.go_on()
            self._process.kill()
            self._process.wait()
            self._process = None


def wait_for_port(port: int) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {port}")


class Worker:
    """A gunicorn with one gevent worker, as ``ecrm run`` starts it."""

    def __init__(self, instance: Path, url: str, redis_url: str) -> None:
        self.port = free_port()
        environ = os.environ | {
            "ECRM_INSTANCE": str(instance),
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "ECRM_SECRET_KEY": "test",
            "ECRM_BASE_URL": f"http://localhost:{self.port}",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-k",
            "gevent",
            "-b",
            f"127.0.0.1:{self.port}",
            "--log-level",
            "error",
        ]
        command += [
            "--no-control-socket",
            "--graceful-timeout",
            "1",
            "tests.core.realtime.serve:application()",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environ)

    def wait(self) -> None:
        wait_for_port(self.port)
        self.get("/live")

    def get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=20) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            error.close()
            raise

    def say(self, room: str = "open") -> str:
        return self.get(f"/talk/say/{room}?text=hello")


@pytest.fixture
def redis() -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is missing: no redis-server on this machine")
    server = Redis()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def start(talk_site, tmp_path, database_url) -> Iterator[Callable[[str, int], list[Worker]]]:
    """A function that starts some server processes on one database."""
    talk_site()
    workers: list[Worker] = []

    def start(redis_url: str, count: int) -> list[Worker]:
        workers.extend(Worker(tmp_path / "instance", database_url, redis_url) for _ in range(count))
        for worker in workers:
            worker.wait()
        return workers

    yield start
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.process.wait(10)


def delay(writer: Worker, listener: Client) -> float:
    """Seconds from the start of the writing request to the arrival of the event."""
    started = time.monotonic()
    line = writer.say()
    assert listener.next(5)["ref"] == line
    return time.monotonic() - started


def test_two_processes_are_one_site_also_while_redis_hangs_or_is_gone(start, redis):
    one, other = start(redis.url, 2)
    ada = make_account("Ada", roles=["member"])
    listener, sender = Client(other.port), Client(one.port, cookie=session_cookie(ada))
    listener.join(ROOM)
    assert sender.join(ROOM)["ok"]
    assert statistics.median(delay(one, listener) for _ in range(10)) < 0.15
    messages_and_presence_cross(sender, listener, ada)
    sessions.revoke_all(ada.id)
    assert sender.seconds_until_closed() < 2

    redis.hang()
    assert max(delay(one, listener) for _ in range(3)) < 2.5
    started = time.monotonic()
    one.say()
    assert time.monotonic() - started < 1
    listener.next()
    redis.stop()
    assert max(delay(one, listener) for _ in range(3)) < 2.5

    redis.start()
    deadline = time.monotonic() + 5
    while delay(one, listener) > 0.15:
        assert time.monotonic() < deadline
    assert statistics.median(delay(one, listener) for _ in range(5)) < 0.15
    listener.close()


def messages_and_presence_cross(sender: Client, listener: Client, ada: Account) -> None:
    typing = {"channel": ROOM, "name": "talk.typing", "data": {"on": True}}
    assert sender.call("send", typing) == {"ok": True}
    assert listener.next()["actor"]["name"] == "Ada"
    # The first list may be of the moment before Ada's process told of her; without her name it ends in TimeoutError.
    here = [{"uid": ada.profile_uid, "name": "Ada"}]
    while (event := listener.next(presence=True))["name"] != "presence" or event["data"]["members"] != here:
        pass


def test_without_redis_another_process_is_heard_through_the_database(start):
    [server] = start("", 1)
    listener = Client(server.port)
    listener.join(ROOM)
    for number in range(3):
        with database.atomic():
            store.append(ROOM, "talk.said", f"line-{number}", 1)
        assert listener.next(2)["ref"] == f"line-{number}"
    listener.close()


def test_a_client_that_does_not_read_is_cut_and_the_others_go_on(start):
    [one] = start("", 1)
    slow, quick = Client(one.port), Client(one.port)
    slow.join(ROOM)
    quick.join(ROOM)
    sent = 0
    while one.get("/talk/sockets") == "2" and sent < 1000:
        with database.atomic():
            for _ in range(50):
                sent = store.append(ROOM, "talk.said", "x" * 20_000, 1)
        while quick.next()["seq"] < sent:
            pass
    assert one.get("/talk/sockets") == "1"
    slow.close()
    line = one.say()
    assert quick.next()["ref"] == line
    quick.close()
