"""Lists of a million customers: what the list engine takes for a page, and what the whole request takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.bench import (
    CUSTOMERS,
    MILLION,
    Bench,
    Figure,
    Instance,
    Load,
    Site,
    at_most,
    cookie_of,
    get,
    machine,
    member,
    opened,
    reported,
    run_load,
)
from ecrm_server.customers.bench.pairs import VALUES, Pair, pairs, seen

LIMIT = 100
"""Milliseconds."""
SECONDS = 10.0


def lists(bench: Bench) -> Iterator[Figure]:
    """Each pair by the list engine, as the page does it: rows and count; then all of them as requests."""
    instance = MILLION.copy(bench, "customers-list")
    with opened(instance):
        found = pairs()
        for pair in found:
            times = [spent for number in range(VALUES) for spent in _pages(pair, number)]
            detail = f"slowest {max(times):.0f}; {len(times)} pages of {CUSTOMERS:,} customers"
            yield at_most(f"customers {pair.name}, 95%", _percentile(times, 95), "ms", LIMIT, detail=detail)
        cookie = cookie_of(member("Reader", "staff"))
        paths = [f"/customers?{urlencode(pair.state(n).arguments())}" for pair in found for n in range(2)]
    yield from _requests(instance, [get(path, cookie=cookie) for path in paths])


def _pages(pair: Pair, number: int) -> Iterator[float]:
    """Milliseconds of the first page, and of the next one where there is one."""
    state, now, after = pair.state(number), clock.now(), ""
    for _ in range(2):
        started = time.perf_counter()
        look = seen(SYSTEM, state, now, after=after)
        yield (time.perf_counter() - started) * 1000
        assert not look.stopped, pair.name
        if look.page.after is None:
            return
        after = str(look.page.after)


def _requests(instance: Instance, requests: list[str]) -> Iterator[Figure]:
    with Site(instance, core=machine.server_core()) as site:
        site.settle()
        run_load(Load(site.port, requests, seconds=2, connections=1))
        before = site.cpu_seconds()
        result = run_load(Load(site.port, requests, seconds=SECONDS, connections=1, warm_up=0))
        assert not result.failed, result.statuses
        spent = (site.cpu_seconds() - before) / result.answers * 1000
    detail = f"all ten in turn, {result.answers} requests; median {result.percentile(50):.0f} ms, {spent:.0f} ms of CPU"
    yield reported("list of customers, whole request, 95%", result.percentile(95), "ms", detail=detail)


def _percentile(times: Sequence[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
