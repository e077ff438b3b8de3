"""Which customers are in which segments: worked out for some customers, and only the differences written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ecrm_server.api import (
    Prepared,
    emit_all,
    forecast_rule,
    insert_many,
    load_subjects,
    rule_subjects,
    select_by_key,
)

from .. import events
from . import state
from .index import SUBJECT, Kept

AT_ONCE = 500
"""Customers of one transaction."""

_MEMBERS = "SELECT customer_id, segment_id FROM segments_member WHERE customer_id IN {keys}"
_NEXT = "SELECT customer_id, segment_id, at FROM segments_next WHERE customer_id IN {keys}"
_LEAVE = Prepared("DELETE FROM segments_member WHERE segment_id = ? AND customer_id = ?")
_NO_NEXT = Prepared("DELETE FROM segments_next WHERE segment_id = ? AND customer_id = ?")
_COUNT = Prepared("UPDATE segments_segment SET member_count = member_count + ? WHERE id = ?")

Pair = tuple[int, int]
"""Keys of a segment and a customer."""


@dataclass(slots=True)
class Changes:
    """What is to be written: pairs of segment and customer."""

    enter: list[Pair] = field(default_factory=list)
    leave: list[Pair] = field(default_factory=list)
    next: list[tuple[int, int, int]] = field(default_factory=list)
    no_next: list[Pair] = field(default_factory=list)


def apply(segments: Sequence[Kept], customers: Collection[int], cause: str) -> int:
    """Bring some customers' memberships up to date; gives how many entered or left.

    To be called in a transaction that holds ``state.lock()``, with at most some hundreds of customers. cause: ``event``
    or ``time``, which events and the timeline tell; ``build`` tells nobody.
    """
    asked = [kept for kept in segments if kept.rule is not None]
    if not asked or not customers:
        return 0
    uids = _present(customers)
    changes = _compare(asked, customers, uids)
    write(changes, asked, uids, cause, state.moment())
    return len(changes.enter) + len(changes.leave)


def _present(customers: Collection[int]) -> dict[int, str]:
    """Key -> public id of those that are customers of their own; merged ones are in no segment."""
    about = rule_subjects(SUBJECT)
    text = f"SELECT t.id, t.uid FROM {about.table} {about.alias} WHERE {about.present} AND t.id IN {{keys}}"
    return dict(select_by_key(text, customers))


def _compare(segments: Sequence[Kept], customers: Collection[int], uids: dict[int, str]) -> Changes:
    as_of, fixed = state.moment(), state.analysis_end() is not None
    subjects = load_subjects(SUBJECT, list(uids), {name for kept in segments for name in kept.traits}, as_of)
    members = {(segment, customer) for customer, segment in select_by_key(_MEMBERS, customers)}
    due = {(segment, customer): at for customer, segment, at in select_by_key(_NEXT, customers)}
    found = Changes()
    for kept in segments:
        foreseen = forecast_rule(kept.rule)
        for customer in customers:
            pair = (kept.id, customer)
            subject = subjects.get(customer)
            inside, change = (False, None) if subject is None else foreseen(subject, as_of)
            if inside is not (pair in members):
                (found.enter if inside else found.leave).append(pair)
            change = None if fixed else change
            if change is None:
                if pair in due:
                    found.no_next.append(pair)
            elif due.get(pair) != change:
                found.next.append((*pair, change))
    return found


def write(changes: Changes, segments: Iterable[Kept], uids: dict[int, str], cause: str, at: int) -> None:
    """Write the differences, count them, and tell of them."""
    if changes.enter:
        insert_many(
            "segments_member", ("segment_id", "customer_id", "since"), [(*pair, at) for pair in changes.enter],
            conflict="(segment_id, customer_id) DO NOTHING",
        )  # fmt: skip
    for pair in changes.leave:
        _LEAVE.run(*pair)
    if changes.next:
        insert_many(
            "segments_next", ("segment_id", "customer_id", "at"), changes.next,
            conflict="(segment_id, customer_id) DO UPDATE SET at = excluded.at",
        )  # fmt: skip
    for pair in changes.no_next:
        _NO_NEXT.run(*pair)
    for kept in sorted(segments, key=lambda kept: kept.id):
        entered, left = _of(kept.id, changes.enter), _of(kept.id, changes.leave)
        if len(entered) != len(left):
            _COUNT.run(len(entered) - len(left), kept.id)
        if cause != "build":
            _tell(kept, entered, left, uids, cause, at)


def _of(segment_id: int, pairs: Iterable[Pair]) -> list[int]:
    return [customer for segment, customer in pairs if segment == segment_id]


def _tell(kept: Kept, entered: list[int], left: list[int], uids: dict[int, str], cause: str, at: int) -> None:
    insert_many(
        "segments_passage", ("customer_id", "segment_id", "entered", "cause", "at"),
        [(customer, kept.id, True, cause, at) for customer in entered]
        + [(customer, kept.id, False, cause, at) for customer in left],
    )  # fmt: skip
    # One that was merged is not told of by name: it is nobody of its own any more.
    emit_all(
        [events.Entered(segment=kept.uid, customer=uids[customer], cause=cause) for customer in entered]
        + [
            events.Left(segment=kept.uid, customer=uids[customer], cause=cause)
            for customer in left
            if customer in uids
        ]
    )
