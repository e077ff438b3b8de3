"""Switching a feature off and on under load, on two workers: no request fails."""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.requirements import require, server_redis_url
from tests.system.conftest import populate
from tests.system.servers import Server

TOGGLES = 20


class Visitor(threading.Thread):
    """Asks for a page again and again over kept connections; counts the answers by status."""

    def __init__(self, server: Server, path: str) -> None:
        super().__init__(daemon=True)
        self.server, self.path = server, path
        self.answers: Counter[int] = Counter()
        self.faults: list[str] = []
        self.ended = threading.Event()

    def run(self) -> None:
        with contextlib.closing(
            http.client.HTTPConnection("localhost", self.server.port, timeout=20)
        ) as connection:
            self._ask(connection)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        while not self.ended.is_set():
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
                self.answers[answer.status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(repr(error))
                connection.close()
            time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.timeout(300)
def test_twenty_toggles_under_load_on_two_workers_fail_no_request(
    instance: Path, database_of_server: str
) -> None:
    require("redis")
    server = Server(instance, url=database_of_server, redis=f"{server_redis_url()}/9", workers=2)
    community = populate(server)
    server.start()
    steady = [Visitor(server, "/terms") for _ in range(2)]
    toggled = [Visitor(server, "/forums"), Visitor(server, f"/forums/t/x/{community.topic}")]
    try:
        assert len(server.workers()) == 2
        for visitor in (*steady, *toggled):
            visitor.start()
        _toggle(server)
        time.sleep(2)
    finally:
        for visitor in (*steady, *toggled):
            visitor.ended.set()
        for visitor in (*steady, *toggled):
            visitor.join(30)
        server.stop()
    assert [visitor.faults for visitor in (*steady, *toggled)] == [[]] * 4
    for visitor in steady:
        assert set(visitor.answers) == {200}, visitor.answers
    for visitor in toggled:
        assert set(visitor.answers) <= {200, 301, 302, 404}, visitor.answers
        assert visitor.answers[404] > 0


def _toggle(server: Server) -> None:
    """Change the state the way every process hears of it: in the database."""
    from ecrm_server import data
    from ecrm_server.data import database
    from ecrm_server.kernel import state

    data.connect(server.environment["DATABASE_URL"])
    try:
        for number in range(TOGGLES):
            with database.connection_context():
                if number % 2:
                    state.set_enabled("forums", "0.1.0")
                else:
                    state.set_disabled("forums")
            time.sleep(float(os.environ.get("ECRM_TOGGLE_PAUSE", "0.7")))
    finally:
        database.close_all()
