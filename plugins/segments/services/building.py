"""Finding all members of a segment: by SQL in steps, while what happens meanwhile is noted and looked at in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecrm_server.api import (
    Prepared,
    changeable_rule,
    clock,
    emit,
    enqueue_job,
    rule_query,
    rule_subjects,
    transaction,
)

from .. import events
from . import state
from .index import SUBJECT, Index, Kept, index
from .membership import AT_ONCE, apply

STEP = 50_000
"""Keys of customers in one transaction: a fifth of a second, in which nobody else can write to SQLite."""
_AT_ONCE = 2_000
"""Customers whose next moments are noted in one transaction."""
JOB = "segments.build"

_BEGIN = Prepared(
    "UPDATE segments_segment SET state = 'building', fault = '', build = build + 1 WHERE id = ? RETURNING build"
)
_BUILD = Prepared("SELECT build FROM segments_segment WHERE id = ? AND archived_at IS NULL")
_BREAK = Prepared("UPDATE segments_segment SET state = 'broken', fault = ? WHERE id = ?")
_FINISH = Prepared(
    "UPDATE segments_segment SET state = 'ready', built_at = ?, member_count ="
    " (SELECT COUNT(*) FROM segments_member m WHERE m.segment_id = segments_segment.id) WHERE id = ?"
    " RETURNING member_count"
)
_TOUCHED = Prepared(
    "SELECT customer_id FROM segments_touched WHERE segment_id = ? ORDER BY customer_id LIMIT ?"
)
_FORGET_TOUCHED = Prepared("DELETE FROM segments_touched WHERE segment_id = ?")
_FORGET_THESE = Prepared("DELETE FROM segments_touched WHERE segment_id = ? AND customer_id <= ?")
_FORGET_NEXT = Prepared(
    "DELETE FROM segments_next WHERE segment_id = ? AND customer_id > ? AND customer_id <= ?"
)
_ANY_NEXT = Prepared("SELECT 1 FROM segments_next WHERE segment_id = ? LIMIT 1")
_NEXT_OF = Prepared(
    "SELECT customer_id FROM segments_next WHERE segment_id = ? AND customer_id > ? AND customer_id <= ?"
)
_FORGET_ONE = Prepared("DELETE FROM segments_next WHERE segment_id = ? AND customer_id = ?")
_ANY = Prepared("SELECT 1 FROM segments_member WHERE segment_id = ? LIMIT 1")
_MANY = 10_000
"""Members after which PostgreSQL must count the table anew: it would rather read all of it than its index otherwise."""
_ANALYSE = Prepared("ANALYZE segments_member")
_LAST = Prepared("SELECT MAX(id) FROM customer")


class Overtaken(Exception):
    """A newer build of the same segment began, or it was archived: this one leaves off."""


def soon(uids: Any) -> None:
    """Ask for builds, after the caller's transaction commits."""
    for uid in uids:
        enqueue_job(JOB, unique=True, segment=uid)


def build(uid: str, run: Any) -> None:
    """Find all members of a segment, then, for one that time changes, when each customer is to be looked at again.

    run: the job's, told of the progress. Members are there, and events change them, before the second part begins.
    """
    kept = _begin(uid)
    if kept is None:
        return
    try:
        entered, left = _write_members(kept, run)
        if entered + left > _MANY:
            _ANALYSE.run()
        _finish(kept, entered, left)
        if kept.timed and state.analysis_end() is None:
            _plan(kept, run)
    except Overtaken:
        return


def _begin(uid: str) -> Kept | None:
    with transaction():
        state.lock()
        kept = index().by_uid.get(uid)
        if kept is None or kept.kind != "rule":
            return None
        if kept.rule is None:
            mark_broken(index())
            return None
        number = _BEGIN.value(kept.id)
        _FORGET_TOUCHED.run(kept.id)
        state.changed()
    return index().by_id[kept.id] if _BUILD.value(kept.id) == number else None


def _require_current(kept: Kept) -> None:
    if _BUILD.value(kept.id) != kept.build:
        raise Overtaken


def _ranges() -> Iterator[tuple[int, int]]:
    """(after, up to) over the keys of all customers. New ones are told of by events."""
    last = _LAST.value() or 0
    return ((after, min(after + STEP, last)) for after in range(0, last, STEP))


def _write_members(kept: Kept, run: Any) -> tuple[int, int]:
    """Enter those the rule holds for, and let the others leave; gives how many did each."""
    as_of, entered, left = state.moment(), 0, 0
    present, fresh = rule_subjects(SUBJECT).present, _ANY.value(kept.id) is None
    total = _LAST.value() or 0
    for after, until in _ranges():
        run.check()
        span = (after, until)
        where = f"({present}) AND t.id > ? AND t.id <= ?"
        text, values = rule_query(kept.rule, as_of, "t.id", also=where, params=span)
        select, found = rule_query(kept.rule, as_of, f"{kept.id}, t.id, {as_of}", also=where, params=span)
        with transaction():
            _require_current(kept)
            if not fresh:
                left += Prepared(
                    "DELETE FROM segments_member WHERE segment_id = ? AND customer_id > ? AND customer_id <= ?"
                    f" AND customer_id NOT IN ({text})"
                ).run(kept.id, *span, *values)
            entered += Prepared(
                f"INSERT INTO segments_member (segment_id, customer_id, since) {select}"
                " ON CONFLICT (segment_id, customer_id) DO NOTHING"
            ).run(*found)
            if not kept.timed or state.analysis_end() is not None:
                _FORGET_NEXT.run(kept.id, *span)
        run.progress(until, total, kept.title)
    return entered, left


def _finish(kept: Kept, entered: int, left: int) -> None:
    """Look again at customers that something happened to meanwhile, and let events take over."""
    while True:
        with transaction():
            state.lock()
            _require_current(kept)
            ids = [row[0] for row in _TOUCHED.tuples(kept.id, AT_ONCE)]
            if ids:
                apply([kept], ids, "build")
                _FORGET_THESE.run(kept.id, ids[-1])
                continue
            count = int(_FINISH.value(clock.now(), kept.id))
            state.changed()
            emit(events.Built(segment=kept.uid, count=count, entered=entered, left=left))
            return


def _plan(kept: Kept, run: Any) -> None:
    """Note for each customer when time may change the answer: never, where the answer hangs on something else."""
    last, total, present = 0, _LAST.value() or 0, rule_subjects(SUBJECT).present
    fresh = _ANY_NEXT.value(kept.id) is None
    rule, as_of = changeable_rule(kept.rule), state.moment()
    while last < total:
        run.check()
        where, params = f"({present}) AND t.id > ? AND t.id <= ?", (last, total)
        text, values = rule_query(rule, as_of, "t.id", also=where, params=params)
        ids = [row[0] for row in Prepared(f"{text} ORDER BY t.id LIMIT {_AT_ONCE}").tuples(*values)]
        until = ids[-1] if len(ids) == _AT_ONCE else total
        with transaction():
            state.lock()
            _require_current(kept)
            if not fresh:
                _forget_others(kept, (last, until), set(ids))
            apply([kept], ids, "time")
        last = until
        run.progress(last, total, kept.title)


def _forget_others(kept: Kept, span: tuple[int, int], ids: set[int]) -> None:
    for (customer,) in _NEXT_OF.tuples(kept.id, *span):
        if customer not in ids:
            _FORGET_ONE.run(kept.id, customer)


def mark_broken(known: Index) -> None:
    """Note that rules cannot be asked any more. Their members stay as they are until they are mended.

    In a transaction that holds ``state.lock()``.
    """
    for kept in known.broken():
        _BREAK.run(kept.fault, kept.id)
    if known.broken():
        state.changed()


def all_soon() -> None:
    """Ask for a build of every segment with a rule."""
    soon(kept.uid for kept in index().by_id.values() if kept.rule is not None)
