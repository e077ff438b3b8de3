"""Talking live: from a reply in one browser to its text in others, on two workers with Redis between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ecrm_server.bench import (
    Bench,
    Figure,
    FormClient,
    Listener,
    Site,
    at_most,
    cookie_of,
    member,
    opened,
    redis_server,
    reported,
)

from ..services import refs
from .data import DATA, text
from .pages import newest

REPLIES = 200
WARM_UP = 10
READERS = 2


class Reader:
    """Somebody who has the topic open: hears of a reply and fetches it."""

    def __init__(self, port: int, cookie: str, topic: str) -> None:
        self._topic = topic
        self._pages = FormClient(port, cookie)
        self._socket = Listener(port, cookie, f"forums.topic:{topic}")

    def see(self, after: int) -> float:
        """Wait for the reply that follows a number. Gives the time at which its text was here."""
        self._socket.wait_for("forums.replied")
        fragment = self._pages.get(f"/forums/t/{self._topic}/posts?after={after}")
        assert "data-post=" in fragment, fragment[:200]
        return time.perf_counter()

    def close(self) -> None:
        """Leave."""
        self._socket.close()
        self._pages.close()


def visible(bench: Bench) -> Iterator[Figure]:
    """Replies one after the other; every reader's time counts."""
    with redis_server(bench.folder) as redis_url:
        instance = DATA.copy(bench, "live", redis_url=redis_url)
        with opened(instance):
            writer, *readers = [cookie_of(member(name)) for name in ("Writer", "Reader One", "Reader Two")]
            topic = newest(1)[0].rpartition("/")[2]
            last = refs.topic(topic).last_number
        with Site(instance, workers=2) as site:
            site.settle()
            times = _talk(site.port, writer, readers[:READERS], topic, last)
    median, slow = times[len(times) // 2], times[len(times) * 99 // 100]
    detail = f"{REPLIES} replies, {READERS} readers each, from sending the form to the text read"
    yield at_most("reply visible elsewhere, median", median, "ms", 150, detail=detail)
    yield at_most("reply visible elsewhere, 99%", slow, "ms", 500, detail=f"fastest {times[0]:.0f}")
    yield reported("reply visible elsewhere, slowest", times[-1], "ms")


def _talk(port: int, writer: str, cookies: list[str], topic: str, last: int) -> list[float]:
    """Milliseconds until each reader had each reply, in ascending order."""
    form = FormClient(port, writer)
    readers = [Reader(port, cookie, topic) for cookie in cookies]
    times: list[float] = []
    with ThreadPoolExecutor(len(readers)) as pool:
        for number in range(WARM_UP + REPLIES):
            waiting = [pool.submit(reader.see, last + number) for reader in readers]
            started = time.perf_counter()
            status = form.post(f"/forums/t/{topic}/reply", {"text": text(number)})
            assert status == 303, status
            seen = [(future.result() - started) * 1000 for future in waiting]
            times += seen if number >= WARM_UP else []
    for reader in readers:
        reader.close()
    form.close()
    return sorted(times)
