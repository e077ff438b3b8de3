"""What the requirement promises, measured on a million customers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from ecrm_server.api import (
    SYSTEM,
    Prepared,
    clock,
    evaluate_rule,
    insert_many,
    load_subjects,
    transaction,
)
from ecrm_server.bench import (
    CUSTOMERS,
    MILLION,
    Bench,
    Figure,
    FormClient,
    Instance,
    Site,
    at_least,
    at_most,
    cookie_of,
    member,
    opened,
    reported,
)

from ..services import building, editing, following, hand, preview
from ..services.index import SUBJECT, index, parsed

THREE: dict[str, Any] = {
    "all": [
        {"trait": "customers.country", "op": "one of", "value": ["DE", "FR", "GB", "AT"]},
        {"trait": "customers.stage", "op": "is not", "value": "lapsed"},
        {"trait": "customers.email_known", "op": "is", "value": True},
    ]
}
TIMED: dict[str, Any] = {
    "all": [
        {"trait": "customers.updated_at", "op": "more than days ago", "value": 390},
        {"trait": "customers.stage", "op": "is", "value": "customer"},
    ]
}
CHANGES = 40
SEGMENTS = 20
EVALUATED = 20_000

_BUILDING = Prepared(
    "SELECT COUNT(*) FROM job WHERE kind = 'segments.build' AND state IN ('queued', 'running')"
)
_IN = Prepared(
    "SELECT 1 FROM segments_member m JOIN customer c ON c.id = m.customer_id"
    " WHERE c.uid = ? AND m.segment_id = (SELECT id FROM segments_segment WHERE title = 'Three conditions')"
)


class _Run:
    """A job's run that nobody watches."""

    def check(self) -> None:
        """Nobody cancels it."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Nobody looks."""


def segments(bench: Bench) -> Iterator[Figure]:
    """First build, a change to its effect, the clock, the preview while writing, and rules in memory."""
    instance = MILLION.copy(bench, "segments")
    with opened(instance, "segments"):
        uid = editing.create(SYSTEM, "Three conditions", rule=THREE)
        took = _seconds(lambda: building.build(uid, _Run()))
        count = index().by_uid[uid]
        members = Prepared("SELECT member_count FROM segments_segment WHERE id = ?").value(count.id)
        detail = f"{members:,} of {CUSTOMERS:,} customers"
        yield at_most("three conditions, first built", took, "s", 5.0, detail=detail)
        yield reported("the same, checked anew", _seconds(lambda: building.build(uid, _Run())), "s")
        yield from _changes(instance)
        yield from _previews()
        yield from _in_memory()
        yield from _clock()


def _changes(instance: Instance) -> Iterator[Figure]:
    """Somebody saves a customer in a browser; how long from its click until one of twenty segments has the customer."""
    for number in range(SEGMENTS - 1):
        rule = {"all": [*THREE["all"], {"trait": "customers.number", "op": "is", "value": f"{number}"}]}
        editing.create(SYSTEM, f"Segment {number}", rule=rule)
    staff = member("Writer", "staff")
    times = []
    with Site(instance) as site:
        while _BUILDING.value():  # by the server's jobs; what is being built is up to date only afterwards
            time.sleep(0.1)
        site.settle()
        client = FormClient(site.port, cookie_of(staff))
        for number in range(CHANGES):
            uid, goes = f"b{1005 + number // 2 * 70}", number % 2 == 0
            started = time.perf_counter()
            status = client.post(f"/customers/{uid}/edit", {"country": "" if goes else "DE"})
            assert status == 302, status
            while bool(_IN.value(uid)) is goes:
                assert time.perf_counter() - started < 10, "it did not happen in time"
                time.sleep(0.002)
            times.append(time.perf_counter() - started)
        client.close()
    detail = (
        f"slowest of {CHANGES}, request included; median {median(times) * 1000:.0f} ms; {SEGMENTS} segments"
    )
    yield at_most("a change reflected", max(times), "s", 1.0, detail=detail)


def _previews() -> Iterator[Figure]:
    rules = {
        "three conditions": THREE,
        "rare": {"trait": "customers.country", "op": "is", "value": "LI"},
    }
    for name, tree in rules.items():
        rule = parsed(tree)
        seen = preview.preview(SYSTEM, rule)
        took = median(_seconds(partial(preview.preview, SYSTEM, rule)) for _ in range(5)) * 1000
        detail = f"{'' if seen.exact else 'about '}{seen.count:,}"
        yield at_most(f"live count and ten members, {name}", took, "ms", 300, detail=detail)


def _in_memory() -> Iterator[Figure]:
    rule, now = parsed(THREE), clock.now()
    names = ["customers.country", "customers.stage", "customers.email_known"]
    subjects = load_subjects(SUBJECT, list(range(1, EVALUATED + 1)), names, now)

    def all_of_them() -> None:
        for subject in subjects.values():
            evaluate_rule(rule, subject, now)

    best = min(_seconds(all_of_them) for _ in range(3))
    yield at_least("rules in memory", len(subjects) / best, "evaluations/s", 50_000)


def _clock() -> Iterator[Figure]:
    """A segment that time changes: built with everybody's next moment, and ten thousand that are due at once."""
    uid = editing.create(SYSTEM, "Quiet for long", rule=TIMED)
    yield reported("with time: members and next moments", _seconds(lambda: building.build(uid, _Run())), "s")
    segment = index().by_uid[uid].id
    due = [(segment, customer, 1) for customer in range(1, 10_001)]
    with transaction():
        insert_many(
            "segments_next", ("segment_id", "customer_id", "at"), due,
            conflict="(segment_id, customer_id) DO UPDATE SET at = excluded.at",
        )  # fmt: skip
    yield at_most("10,000 customers due at once", _seconds(following.tick), "s", 60.0)


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def known_of_customer(customer_id: int, account_id: int) -> None:
    """Somebody who is on thirty lists, and was taken from them and put back some times."""
    uid = Prepared("SELECT uid FROM customer WHERE id = ?").value(customer_id)
    for number in range(30):
        kept = editing.create(SYSTEM, f"List {number}")
        for _ in range(3):
            hand.add(SYSTEM, kept, [uid])
            hand.remove(SYSTEM, kept, [uid])
        hand.add(SYSTEM, kept, [uid])
