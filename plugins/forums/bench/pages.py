"""Reading: a topic's page and the latest list, against a bare page of the same size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from ecrm_server.api import Prepared
from ecrm_server.bench import (
    Bare,
    Bench,
    Figure,
    Instance,
    Load,
    Running,
    Site,
    at_least,
    cookie_of,
    get,
    machine,
    member,
    opened,
    reported,
    run_load,
)

from .data import DATA, TOPICS

HOT = 100
"""Topics that are asked for in turn: what people read at a time."""
COLD = 4000
ROUNDS = 6
SECONDS = 1.5
LIMITS = {"member": (0.25, 0.40), "anonymous": (0.80, 1.0)}

_LATEST = Prepared("SELECT slug, uid FROM forums_topic WHERE listed ORDER BY bumped_at DESC, id DESC LIMIT ?")


@dataclass(slots=True)
class Speed:
    """The rounds of one kind of request: answers a second, and answers for each second of the server's CPU."""

    per_second: list[float] = field(default_factory=list)
    per_cpu_second: list[float] = field(default_factory=list)
    body_bytes: int = 0

    def measure(self, server: Running, requests: list[str]) -> None:
        """One more round."""
        before = server.cpu_seconds()
        result = run_load(Load(server.port, requests, seconds=SECONDS, warm_up=0.0))
        assert not result.failed, result.statuses
        self.per_second.append(result.per_second)
        self.per_cpu_second.append(result.answers / (server.cpu_seconds() - before))
        self.body_bytes = result.body_bytes


def pages(bench: Bench) -> Iterator[Figure]:
    """Both pages, for a member and for an anonymous visitor."""
    instance = DATA.copy(bench, "pages")
    topics, cookie = _prepared(instance)
    with Site(instance, core=machine.server_core()) as site:
        site.settle()
        for page, paths in (("topic page", topics[:HOT]), ("latest list", ["/forums/latest"])):
            for reader, key in (("member", cookie), ("anonymous", "")):
                yield _compared(
                    f"{page}, {reader}", site, [get(path, cookie=key) for path in paths], *LIMITS[reader]
                )
        yield _cold(site, [get(path, cookie=cookie) for path in topics[HOT:]])


def newest(number: int) -> list[str]:
    """The paths of the topics that moved last."""
    return [f"/forums/t/{slug}/{uid}" for slug, uid in _LATEST.tuples(number)]


def _prepared(instance: Instance) -> tuple[list[str], str]:
    """The paths of topics, newest first, and the cookie of a member."""
    with opened(instance):
        return newest(HOT + COLD), cookie_of(member("Reader"))


def _compared(name: str, site: Site, requests: list[str], limit: float, goal: float) -> Figure:
    """Both servers in turn; the median of the rounds' ratios, since a busy machine slows neighbouring rounds alike."""
    Speed().measure(site, requests)  # draws what the rounds find in memory
    ours, bare = Speed(), Speed()
    ours.measure(site, requests)
    with Bare(ours.body_bytes, core=machine.server_core()) as yardstick:
        bare.measure(yardstick, [get("/")])
        for _ in range(ROUNDS):
            ours.measure(site, requests)
            bare.measure(yardstick, [get("/")])
    assert abs(bare.body_bytes - ours.body_bytes) <= 0.05 * ours.body_bytes, (
        bare.body_bytes,
        ours.body_bytes,
    )
    ratios = [
        mine / other for mine, other in zip(ours.per_cpu_second[1:], bare.per_cpu_second[1:], strict=True)
    ]
    detail = (
        f"{max(ours.per_cpu_second):,.0f} of {max(bare.per_cpu_second):,.0f} for a second of CPU at best, ratios"
        f" {min(ratios):.2f} to {max(ratios):.2f}; {max(ours.per_second):,.0f} of {max(bare.per_second):,.0f} a second;"
        f" {ours.body_bytes / 1000:.0f} kB"
    )
    return at_least(name, median(ratios), "of bare", limit, goal=goal, detail=detail)


def _cold(site: Site, requests: list[str]) -> Figure:
    """Topics that nobody has read since the start: every post is drawn anew."""
    speed = Speed()
    speed.measure(site, requests)
    detail = f"for a second of CPU, member; {TOPICS:,} topics, one after the other"
    return reported("topic page, not read before", speed.per_cpu_second[0], "pages", detail=detail)
