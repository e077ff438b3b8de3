"""kill -9 at random under load: what was acknowledged is there, what follows from it happened once."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from ecrm_server import data
from ecrm_server.data import Prepared, database
from tests.system.conftest import populate
from tests.system.servers import Server
from tests.thorough import THOROUGH

ROUNDS = int(os.environ.get("ECRM_CRASH_ROUNDS", "50" if THOROUGH else "10"))
"""Kills on each database."""
SEED = 20261123

_POSTS = Prepared("SELECT source FROM forums_post WHERE source LIKE 'token-%'")
_HEARD = Prepared("SELECT COALESCE(SUM(number), 0) FROM notice WHERE account_id = ?")
_WAITING = Prepared("SELECT count(*) FROM event WHERE delivered_at IS NULL")
_UNFINISHED = Prepared("SELECT count(*) FROM event_delivery WHERE state <> 'done'")
_COUNTED = Prepared("SELECT reply_count FROM forums_topic WHERE uid = ?")
_FOUND = Prepared("SELECT count(*) FROM search_document WHERE body LIKE 'token-%'")


class Writer(threading.Thread):
    """Posts replies without pause; remembers which ones the server acknowledged."""

    def __init__(self, server: Server, topic: str, key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.server, self.topic, self.key, self.writer = server, topic, key, name
        self.acknowledged: list[str] = []
        self.refused: Counter[int] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            self._post(f"token-{self.writer}-{number}")

    def _post(self, text: str) -> None:
        request = urllib.request.Request(
            f"{self.server.base}/api/v1/forums/topics/{self.topic}/posts",
            json.dumps({"text": text}).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                if answer.status == 201:
                    self.acknowledged.append(text)
        except urllib.error.HTTPError as error:
            self.refused[error.code] += 1
            time.sleep(0.05)
        except OSError:
            time.sleep(0.02)  # the server is down: whether the post was written is not known


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(
    instance: Path, database_of_server: str
) -> None:
    server = Server(instance, url=database_of_server)
    community = populate(server)
    chance = random.Random(SEED)
    server.start()
    writers = [Writer(server, community.topic, key, f"w{index}") for index, key in enumerate(community.keys)]
    for writer in writers:
        writer.start()
    try:
        slowest = 0.0
        for number in range(ROUNDS):
            time.sleep(chance.uniform(0.05, 0.5))
            if number % 5 == 4:
                server.kill()
                server.start()
            else:
                for pid in server.workers():
                    os.kill(pid, signal.SIGKILL)
                slowest = max(slowest, server.wait_until_ready())
        time.sleep(1)
    finally:
        for writer in writers:
            writer.ended.set()
        for writer in writers:
            writer.join(15)
    _wait_for_delivery(server)
    server.stop()
    refused = Counter(code for writer in writers for code in writer.refused.elements())
    assert sum(len(writer.acknowledged) for writer in writers) > ROUNDS, (
        f"hardly anything was written, but refused: {refused}\n{server.log.read_text()[-6000:]}"
    )
    _check(community.topic, community.watcher_id, writers)


def _wait_for_delivery(server: Server) -> None:
    data.connect(server.environment["DATABASE_URL"])
    with database.connection_context():
        deadline = time.monotonic() + 30
        while (_WAITING.value() or _UNFINISHED.value()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert (_WAITING.value(), _UNFINISHED.value()) == (0, 0), "events were left undelivered"


def _check(topic: str, watcher_id: int, writers: list[Writer]) -> None:
    with database.connection_context():
        stored = Counter(row[0].strip() for row in _POSTS.tuples())
        acknowledged = [text for writer in writers for text in writer.acknowledged]
        assert [text for text in acknowledged if stored[text] != 1] == []
        assert [text for text, times in stored.items() if times > 1] == []
        assert _HEARD.value(watcher_id) == sum(stored.values())
        assert _COUNTED.value(topic) == sum(stored.values())
        assert _FOUND.value() == sum(stored.values())
    database.close_all()
