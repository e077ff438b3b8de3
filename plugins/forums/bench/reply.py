"""Writing: a reply as a service call against its statements alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median, quantiles
from typing import Any

from ecrm_server.api import Actor, Prepared
from ecrm_server.bench import (
    Bench,
    Figure,
    Site,
    Statements,
    at_most,
    cookie_of,
    machine,
    member,
    opened,
    post_forms,
    reported,
)

from ..services import posts
from .data import DATA, text

REPLIES = 300
WARM_UP = 30
REQUESTS = 200
LIMIT = 3.0

_TOPICS = Prepared("SELECT uid FROM forums_topic WHERE listed ORDER BY id LIMIT ?")


def reply(bench: Bench) -> Iterator[Figure]:
    """The same replies by the service, then their statements through the driver on an equal database."""
    ours = DATA.copy(bench, "service")
    with opened(ours):
        author = member("Writer")
        topics = [uid for (uid,) in _TOPICS.tuples(REPLIES)]
    timed, replayed = bench.copy_of(ours, "timed"), bench.copy_of(ours, "replayed")
    statements = Statements()
    with opened(ours):
        _reply_to(topics, statements.record, author)
    with opened(timed):
        service = _reply_to(topics, _milliseconds, author)
    raw = statements.replay(replayed.database_url)
    ours_ms, raw_ms = _quiet(service), _quiet(raw)
    queries = len(statements.calls[-1])
    detail = (
        f"{ours_ms:.2f} against {raw_ms:.2f} ms (lower quartiles), {queries} statements in one transaction"
    )
    yield at_most("reply, service call", ours_ms / raw_ms, "x raw SQL", LIMIT, detail=detail)
    yield from _by_request(bench)


def _reply_to(topics: list[str], run: Callable[[Callable[[], Any]], Any], author: Actor) -> list[Any]:
    """Reply once to each topic; ``run`` calls each reply. Gives what it gave."""
    calls = [partial(posts.reply, author, uid, source=text(number)) for number, uid in enumerate(topics)]
    return [run(call) for call in calls]


def _quiet(times: list[float]) -> float:
    """The lower quartile: what the work takes when nothing else disturbs it."""
    return quantiles(times[WARM_UP:], n=4)[0]


def _milliseconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _by_request(bench: Bench) -> Iterator[Figure]:
    instance = DATA.copy(bench, "request")
    with opened(instance):
        cookie = cookie_of(member("Writer"))
        topics = [uid for (uid,) in _TOPICS.tuples(REQUESTS)]
    forms = [(f"/forums/t/{uid}/reply", {"text": text(number)}) for number, uid in enumerate(topics)]
    with Site(instance, core=machine.server_core()) as site:
        site.settle()
        before = site.cpu_seconds()
        times = post_forms(site.port, cookie, forms)
        spent = (site.cpu_seconds() - before) * 1000 / len(forms)
    slowest = sorted(times)[-1]
    detail = f"one after the other; {spent:.1f} ms of CPU with the delivery of its events, slowest {slowest:.0f} ms"
    yield reported("reply, whole request", median(times), "ms", detail=detail)
