"""The one review queue: what waits, and why."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ecrm_server import clock, ids
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound
from ecrm_server.events import emit
from ecrm_server.kernel import current
from ecrm_server.moderation import objects
from ecrm_server.moderation.events import Queued

if TYPE_CHECKING:
    from ecrm_server.kernel.generation import Generation

WHY = ("flagged", "first_post", "links", "honeypot", "appeal")
HELD = ("first_post", "links", "honeypot")
"""Reasons for which an object is not shown to others until it is approved."""
PAGE = 20

_INSERT = Prepared(
    "INSERT INTO review_item (uid, obj_kind, obj_uid, author_id, why, state, flags, decision_id, at)"
    " VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?) ON CONFLICT DO NOTHING"
)
_OPEN = Prepared(
    "SELECT uid FROM review_item WHERE obj_kind = ? AND obj_uid = ? AND state = 'open' AND why <> 'appeal'"
)
_COUNT_FLAGS = Prepared("UPDATE review_item SET flags = ? WHERE uid = ?")
_COLUMNS = (
    "i.id, i.uid, i.obj_kind, i.obj_uid, i.why, i.state, i.flags, i.at, i.decided_at, i.decided_by_id, i.author_id,"
    " i.decision_id,"
    " p.uid AS author_uid, p.name AS author_name, p.account_id AS author_account_id, d.name AS decided_by"
)
_FROM = (
    " FROM review_item i LEFT JOIN profile p ON p.id = i.author_id"
    " LEFT JOIN profile d ON d.account_id = i.decided_by_id"
)
_ONE = Prepared(f"SELECT {_COLUMNS}{_FROM} WHERE i.uid = ?")
_WAITING = Prepared(
    "SELECT count(*), COALESCE(sum(id), 0)"
    " FROM (SELECT id FROM review_item WHERE state = 'open' ORDER BY id LIMIT 100) AS waiting"
)
_CURSOR = Prepared("SELECT id FROM review_item WHERE uid = ?")
_CLOSE = Prepared(
    "UPDATE review_item SET state = ?, decided_by_id = ?, decided_at = ?, decision_id = COALESCE(?, decision_id)"
    " WHERE uid = ? AND state = 'open'"
)


_counts: WeakKeyDictionary[Generation, dict[Hashable, int]] = WeakKeyDictionary()
_MOST_COUNTS = 200


def hold(
    kind: str,
    uid: str,
    why: str,
    *,
    author_profile_id: int | None,
    flags: int = 0,
    decision: int | None = None,
) -> str:
    """Put an object before the moderators, in the caller's transaction. Returns the item's public id.

    An object that waits already is not queued twice. Parts call it for what ``screen`` told them to hold back.
    """
    item = ids.public_id()
    if not _INSERT.run(item, kind, uid, author_profile_id, why, flags, decision, clock.now()):
        waiting: str = _OPEN.value(kind, uid)
        if flags:
            _COUNT_FLAGS.run(flags, waiting)
        return waiting
    emit(Queued(item=item, kind=kind, uid=uid, why=why))
    return item


def close(item: str, state: str, account_id: int | None, decision_id: int | None = None) -> bool:
    """Mark an item decided. Returns False when somebody else was first."""
    return bool(_CLOSE.run(state, account_id, clock.now(), decision_id, item))


def get(actor: Actor, item: str) -> dict[str, Any]:
    """One item with its object's preview under ``object``. Raises NotFound, also for what the actor may not read."""
    row = _ONE.row(item)
    if row is None or not _readable(actor, found := _with_object(row)):
        raise NotFound()
    return found


def page(
    actor: Actor = SYSTEM, *, state: str = "open", why: str = "", after: str = "", limit: int = PAGE
) -> tuple[list[dict[str, Any]], str]:
    """Items of the parts that are on and that the actor may read, and the cursor of the next page.

    What waits comes oldest first, what is decided newest first.
    """
    kinds = [*sorted(current.generation().registry.moderated_kinds), "account"]
    marks = ", ".join("?" * len(kinds))
    is_open = state == "open"
    conditions = ["i.state = 'open'" if is_open else "i.state <> 'open'", f"i.obj_kind IN ({marks})"]
    params: list[Any] = [*kinds]
    if why in WHY:
        conditions.append("i.why = ?")
        params.append(why)
    if after:
        conditions.append("i.id > ?" if is_open else "i.id < ?")
        params.append(_CURSOR.value(after) or 0)
    order = "ASC" if is_open else "DESC"
    select = (
        f"SELECT {_COLUMNS}{_FROM} WHERE {' AND '.join(conditions)} ORDER BY i.id {order} LIMIT {limit + 1}"
    )
    rows = Prepared(select).rows(*params)
    shown = [found for row in rows[:limit] if _readable(actor, found := _with_object(row))]
    return shown, rows[limit - 1]["uid"] if len(rows) > limit else ""


def open_count(actor: Actor = SYSTEM, most: int = 99) -> int:
    """How many items wait that the actor may read, counted up to ``most`` + 1."""
    kinds = [*sorted(current.generation().registry.moderated_kinds), "account"]
    marks = ", ".join("?" * len(kinds))
    sql = f"SELECT obj_kind, obj_uid FROM review_item WHERE state = 'open' AND obj_kind IN ({marks}) LIMIT {most + 1}"
    return sum(objects.may_review(actor, kind, uid) for kind, uid in Prepared(sql).tuples(*kinds))


def waiting(actor: Actor) -> int:
    """As ``open_count``, remembered while the same items wait: every page of a moderator shows it."""
    mark = _WAITING.tuples()[0]
    if not mark[0]:
        return 0
    known = _counts.setdefault(current.generation(), {})
    key = (actor.account_id, frozenset(actor.roles), mark)
    if key not in known:
        if len(known) >= _MOST_COUNTS:
            known.clear()
        known[key] = open_count(actor)
    return known[key]


def _readable(actor: Actor, row: dict[str, Any]) -> bool:
    """What is gone can be read by nobody, and its item must still be closed."""
    return row["object"] is None or objects.may_review(actor, row["obj_kind"], row["obj_uid"])


def _with_object(row: dict[str, Any]) -> dict[str, Any]:
    row["object"] = None if row["obj_kind"] == "account" else objects.preview(row["obj_kind"], row["obj_uid"])
    row["held"] = row["why"] in HELD
    return row
