"""Memberships follow events and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecrm_server.api import Delivered, Prepared, clock, insert_many, transaction

from . import building, purchases, state
from .concerned import customers as customers_of
from .index import Kept, index
from .membership import AT_ONCE, apply

MOST = 5_000
"""Customers of one event beyond which the segments are built anew instead: the courier must not be held up."""

_DUE = Prepared("SELECT segment_id, customer_id FROM segments_next WHERE at <= ? ORDER BY at LIMIT ?")
_NOT_DUE = Prepared("DELETE FROM segments_next WHERE segment_id = ? AND customer_id = ?")
_AS_OF = Prepared("SELECT as_of FROM segments_state WHERE id = 1")
_SET_AS_OF = Prepared("UPDATE segments_state SET as_of = ? WHERE id = 1")


def happened(event: Delivered) -> None:
    """Something happened: evaluate the segments that it may change for the customers that it is about."""
    if event.name not in index().by_event:
        return
    state.lock()
    known = index()
    segments = known.by_event.get(event.name, [])
    about = customers_of(event)
    if about is None or len(about) > MOST:
        building.soon(kept.uid for kept in segments)
        return
    look_at(segments, about, "event")


def look_at(segments: Iterable[Kept], customers: Sequence[int], cause: str) -> None:
    """Bring memberships up to date, or note the customers where a segment is just being built.

    In a transaction that holds ``state.lock()``.
    """
    ready = [kept for kept in segments if kept.state == "ready"]
    under_way = [kept for kept in segments if kept.state == "building"]
    for start in range(0, len(customers), AT_ONCE):
        apply(ready, customers[start : start + AT_ONCE], cause)
    insert_many(
        "segments_touched", ("segment_id", "customer_id"),
        [(kept.id, customer) for kept in under_way for customer in customers],
        conflict="(segment_id, customer_id) DO NOTHING",
    )  # fmt: skip


def tick() -> None:
    """What the clock has to do: another analysis day, rules that broke or were mended, and whoever is due."""
    with transaction():
        state.lock()
        known = index()
        _follow_analysis_day()
        building.mark_broken(known)
        building.soon(kept.uid for kept in known.mended())
    while _due():
        pass


def _follow_analysis_day() -> None:
    """Memberships are of one day: when the setting names another, everything is built anew."""
    if _AS_OF.value() != state.analysis_end():
        _SET_AS_OF.run(state.analysis_end())
        if not purchases.again():
            building.all_soon()


def _due() -> int:
    """Look at some of those whose time has come; gives how many."""
    with transaction():
        state.lock()
        pairs = [(int(segment), int(customer)) for segment, customer in _DUE.tuples(clock.now(), AT_ONCE)]
        known = index()
        by_segment: dict[int, list[int]] = {}
        for segment, customer in pairs:
            by_segment.setdefault(segment, []).append(customer)
        for segment, customers in by_segment.items():
            kept = known.by_id.get(segment)
            if kept is None or kept.state != "ready" or kept.rule is None:
                for customer in customers:
                    _NOT_DUE.run(segment, customer)
            if kept is not None:
                look_at([kept], customers, "time")
    return len(pairs)
