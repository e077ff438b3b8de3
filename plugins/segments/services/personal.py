"""What segments store about one person: for the customer's page and timeline, export and erasure."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, TimelineEntry, clock

from ..permissions import READ
from . import state

_OF_CUSTOMER = Prepared(
    "SELECT s.uid, s.title, s.kind, s.state, m.since FROM segments_member m JOIN segments_segment s"
    " ON s.id = m.segment_id WHERE m.customer_id = ? AND s.archived_at IS NULL ORDER BY s.title_key"
)
_PASSAGES = Prepared(
    "SELECT s.uid, s.title, p.entered, p.cause, p.at FROM segments_passage p JOIN segments_segment s"
    " ON s.id = p.segment_id WHERE p.customer_id = ? AND p.at < ? ORDER BY p.at DESC, p.id DESC LIMIT ?"
)
_ALL_PASSAGES = Prepared(
    "SELECT s.title, p.entered, p.at FROM segments_passage p JOIN segments_segment s ON s.id = p.segment_id"
    " WHERE p.customer_id = ? ORDER BY p.id"
)
_PURCHASES = Prepared(
    "SELECT currency, first_at, last_at, orders, spent FROM segments_purchases WHERE customer_id = ? ORDER BY currency"
)
_MADE = Prepared("SELECT title FROM segments_segment WHERE owner_id = ? ORDER BY id")
_CUSTOMER = Prepared("SELECT id FROM customer WHERE account_id = ?")
_BY_UID = Prepared("SELECT id FROM customer WHERE uid = ?")
_DISOWN = Prepared("UPDATE segments_segment SET owner_id = NULL WHERE owner_id = ?")
_UNCOUNT = Prepared(
    "UPDATE segments_segment SET member_count = member_count - 1 WHERE id IN"
    " (SELECT segment_id FROM segments_member WHERE customer_id = ?)"
)
_FORGET = tuple(
    Prepared(f"DELETE FROM segments_{table} WHERE customer_id = ?")
    for table in ("member", "next", "touched", "passage", "purchases")
)
_LOOK_AGAIN = Prepared(
    "INSERT INTO segments_next (segment_id, customer_id, at)"
    " SELECT s.id, ?, ? FROM segments_segment s WHERE s.kind = 'rule' AND s.archived_at IS NULL"
)


def of_customer(customer_id: int) -> list[dict[str, Any]]:
    """The segments a customer is in: uid, title, kind, state, since."""
    return _OF_CUSTOMER.rows(customer_id)


def offered_of_customer(*, customer: str) -> list[dict[str, Any]]:
    """``segments.of_customer@1``: the segments a customer is in, as ``segment``, ``title`` and ``since``."""
    row_id = _BY_UID.value(customer)
    rows = [] if row_id is None else of_customer(row_id)
    return [{"segment": row["uid"], "title": row["title"], "since": row["since"]} for row in rows]


def timeline(actor: Actor, customer_id: int | None, before: int, limit: int) -> list[TimelineEntry]:
    """When the customer came into segments and left them."""
    if customer_id is None or not actor.may(READ):
        return []
    return [
        TimelineEntry(
            part="segments", kind="entered" if row["entered"] else "left", at=row["at"], title=row["title"],
            url=f"/segments/{row['uid']}", excerpt="Entered" if row["entered"] else "Left",
            icon="arrow-right" if row["entered"] else "arrow-left",
        )
        for row in _PASSAGES.rows(customer_id, before, limit)
    ]  # fmt: skip


def export(account_id: int) -> dict[str, Any] | None:
    """What is kept of a person; None without anything."""
    made = [title for (title,) in _MADE.tuples(account_id)]
    customer_id = _CUSTOMER.value(account_id)
    if customer_id is None:
        return {"made": made} if made else None
    return {
        "made": made,
        "in": [{"title": row["title"], "since": row["since"]} for row in of_customer(customer_id)],
        "entered_and_left": _ALL_PASSAGES.rows(customer_id),
        "purchases": _PURCHASES.rows(customer_id),
    }


def erase(account_id: int) -> None:
    """Forget a person in the caller's transaction. The row that stays is looked at anew like anybody's."""
    state.lock()
    _DISOWN.run(account_id)
    customer_id = _CUSTOMER.value(account_id)
    if customer_id is None:
        return
    _UNCOUNT.run(customer_id)
    for statement in _FORGET:
        statement.run(customer_id)
    _LOOK_AGAIN.run(customer_id, clock.now())
