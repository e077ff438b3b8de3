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
    emit,
    evaluate_rule,
    insert_many,
    load_subjects,
    transaction,
)
from ecrm_server.bench import Bench, Figure, at_least, at_most, opened, reported
from ecrm_server.customers.events import CustomerChanged
from ecrm_server.events.delivery import deliver_pending

from ..services import building, editing, following, preview
from ..services.index import SUBJECT, index, parsed
from .data import CUSTOMERS, DATA

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
CHANGES = 60
SEGMENTS = 20
EVALUATED = 20_000

_SET = Prepared("UPDATE customer SET country = ?, version = version + 1 WHERE uid = ?")


class _Run:
    """A job's run that nobody watches."""

    def check(self) -> None:
        """Nobody cancels it."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Nobody looks."""


def segments(bench: Bench) -> Iterator[Figure]:
    """First build, a change to its effect, the clock, the preview while writing, and rules in memory."""
    with opened(DATA.copy(bench, "segments"), "segments"):
        uid = editing.create(SYSTEM, "Three conditions", rule=THREE)
        took = _seconds(lambda: building.build(uid, _Run()))
        count = index().by_uid[uid]
        members = Prepared("SELECT member_count FROM segments_segment WHERE id = ?").value(count.id)
        detail = f"{members:,} of {CUSTOMERS:,} customers"
        yield at_most("three conditions, first built", took, "s", 5.0, detail=detail)
        yield reported("the same, checked anew", _seconds(lambda: building.build(uid, _Run())), "s")
        yield from _changes()
        yield from _previews()
        yield from _in_memory()
        yield from _clock()


def _changes() -> Iterator[Figure]:
    """A change is committed; how long until its effect on twenty segments is, by the courier's own delivery."""
    for number in range(SEGMENTS - 1):
        rule = {"all": [*THREE["all"], {"trait": "customers.number", "op": "is", "value": f"{number}"}]}
        building.build(editing.create(SYSTEM, f"Segment {number}", rule=rule), _Run())
    deliver_pending()
    times = []
    for number in range(CHANGES):
        uid = f"b{1000 + number * 7}"
        with transaction():
            _SET.run(None if number % 2 else "DE", uid)
            emit(CustomerChanged(customer=uid, fields=["country"]))
        times.append(_seconds(deliver_pending) * 1000)
    detail = f"median {median(times):.1f} ms, {SEGMENTS} segments, one event after the other"
    yield at_most("a change reflected", max(times) / 1000, "s", 1.0, detail=detail)


def _previews() -> Iterator[Figure]:
    rules = {
        "three conditions": THREE,
        "rare": {"trait": "customers.name", "op": "is", "value": "Customer 77"},
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
