"""Bulk actions: asked for in a request, done by a job in steps, undone by the same steps backwards."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecrm_server import clock, ids
from ecrm_server.access.actor import Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import EcrmError, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.identity.actors import of_account as actor_of
from ecrm_server.jobs.services import enqueue
from ecrm_server.lists.bound import Bound, bind
from ecrm_server.lists.events import BulkEnded
from ecrm_server.lists.kind import BulkAction
from ecrm_server.lists.query import Query, rule_of

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

log = logging.getLogger(__name__)

STEP = 200
"""Rows of one transaction: short enough not to hold up other writers."""
MOST_CHOSEN = 2_000
"""Rows that are chosen one by one; more are "all that match"."""
UNDO_FOR = clock.DAY
KEPT_FOR = 30 * clock.DAY
ATTEMPTS = 5
_EVERY_KEY = 2**62

_COLUMNS = (
    "id, uid, list, action, value, account_id, rows, as_of, last_id, top_id, total, done, state, error, created_at,"
    " finished_at"
)
_INSERT = Prepared(
    "INSERT INTO list_bulk (uid, list, action, value, account_id, rows, as_of, last_id, top_id, done, state, error,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 'waiting', '', ?)"
)
_FIND = Prepared(f"SELECT {_COLUMNS} FROM list_bulk WHERE uid = ?")
_LOCK = Prepared("SELECT last_id, state FROM list_bulk WHERE id = ?", lock=True)
_BEGIN = Prepared("UPDATE list_bulk SET state = 'running', total = ? WHERE id = ? AND state = 'waiting'")
_STEP_NUMBER = Prepared("SELECT COALESCE(MAX(number), 0) + 1 FROM list_bulk_step WHERE bulk_id = ?")
_ADD_STEP = Prepared("INSERT INTO list_bulk_step (bulk_id, number, rows, undo) VALUES (?, ?, ?, ?)")
_ADVANCE = Prepared("UPDATE list_bulk SET last_id = ?, done = done + ? WHERE id = ?")
_END = Prepared("UPDATE list_bulk SET state = ?, error = ?, finished_at = ? WHERE id = ?")
_UNDO = Prepared(
    "UPDATE list_bulk SET state = 'undoing', error = ''"
    " WHERE id = ? AND state IN ('done', 'failed') AND finished_at > ?"
)
_LAST_STEP = Prepared(
    "SELECT number, rows, undo FROM list_bulk_step WHERE bulk_id = ? ORDER BY number DESC LIMIT 1"
)
_DROP_STEP = Prepared("DELETE FROM list_bulk_step WHERE bulk_id = ? AND number = ?")
_TAKE_BACK = Prepared("UPDATE list_bulk SET done = done - ? WHERE id = ?")
_SWEEP_STEPS = Prepared(
    "DELETE FROM list_bulk_step"
    " WHERE bulk_id IN (SELECT id FROM list_bulk WHERE finished_at < ? AND state <> 'undoing')"
)
_SWEEP = Prepared("DELETE FROM list_bulk WHERE finished_at < ?")
_OF_ACCOUNT = Prepared(
    "SELECT list, action, done, state, created_at, finished_at FROM list_bulk WHERE account_id = ? ORDER BY id"
)
_FORGET = Prepared("UPDATE list_bulk SET account_id = NULL WHERE account_id = ?")

Bulk = dict[str, Any]
"""A row of ``list_bulk`` with ``may_undo``."""


def start(actor: Actor, bound: Bound, action: BulkAction, value: str, rows: Mapping[str, Any]) -> str:
    """Ask for a bulk action and return its public id; a job does it.

    rows: ``{"uids": [...]}``, or ``{"filter": tree or None, "q": text}`` for all that match. Raises Refusal.
    """
    if actor.account_id is None:
        raise Forbidden()
    chosen = rows.get("uids")
    if chosen is not None and not 0 < len(chosen) <= MOST_CHOSEN:
        raise Refusal("Choose at least one row.", field="uid")
    if action.choices is not None and value not in action.choices(actor):
        raise Refusal(f"Choose a value for '{action.title}'.", field="value")
    value = action.read(value) if action.read is not None else value
    uid, now = ids.public_id(), clock.now()
    with transaction():
        top = Query(bound, now).top()
        _INSERT.run(uid, bound.kind.name, action.key, value, actor.account_id, json.dumps(rows), now, top, now)
        record(
            "lists.bulk_started", actor=actor, obj_kind=bound.kind.name, obj_uid=uid,
            after={"action": action.key, "value": value, "rows": len(chosen) if chosen else "all that match"},
        )  # fmt: skip
        enqueue("lists.bulk", created_by=actor.account_id, bulk=uid)
    return uid


def get(uid: str, actor: Actor) -> Bulk:
    """What became of a bulk action. Raises NotFound, also for another's."""
    row = _FIND.row(uid)
    if row is None or actor.account_id is None or row["account_id"] != actor.account_id:
        raise NotFound()
    row["may_undo"] = (
        row["state"] in ("done", "failed") and row["done"] > 0 and row["finished_at"] > clock.now() - UNDO_FOR
    )
    return row


def undo(uid: str, actor: Actor) -> None:
    """Put the rows back, by a job. Raises Refusal when it is too late."""
    found = get(uid, actor)
    with transaction():
        if not found["may_undo"] or not _UNDO.run(found["id"], clock.now() - UNDO_FOR):
            raise Refusal("This can no longer be undone.")
        record("lists.bulk_undone", actor=actor, obj_kind=found["list"], obj_uid=uid)
        enqueue("lists.undo", created_by=actor.account_id, bulk=uid)


def work(run: Run, bulk: str) -> None:
    """The job of a bulk action: goes on behind the last step that was committed."""
    row = _FIND.row(bulk)
    if row is None or row["state"] not in ("waiting", "running"):
        return
    try:
        _apply(run, row, *_bound(row))
    except EcrmError as error:
        _finish(row, "failed", error.message)
    except Exception:
        if run.attempt >= ATTEMPTS:
            _finish(row, "failed", "Something broke here. What was done so far can be undone.")
        raise
    else:
        _finish(row, "done")


def work_back(run: Run, bulk: str) -> None:
    """The job that undoes: the last step first."""
    row = _FIND.row(bulk)
    if row is None or row["state"] != "undoing":
        return
    try:
        actor, _, action = _bound(row)
        while (step := _LAST_STEP.row(row["id"])) is not None:
            run.check()
            with transaction():
                _LOCK.row(row["id"])
                action.undo(actor, json.loads(step["undo"]) if step["undo"] else None)
                _DROP_STEP.run(row["id"], step["number"])
                _TAKE_BACK.run(step["rows"], row["id"])
            run.progress(row["total"] or 0, row["total"])
    except EcrmError as error:
        _finish(row, "failed", error.message)
    else:
        _finish(row, "undone")


def sweep(run: Run) -> None:
    """Drop what undoing needed after a day, and the bulk actions themselves after a month."""
    now = clock.now()
    _SWEEP_STEPS.run(now - UNDO_FOR)
    _SWEEP.run(now - KEPT_FOR)


def of_account(account_id: int) -> list[dict[str, Any]]:
    """The bulk actions that a person asked for, as plain data."""
    return _OF_ACCOUNT.rows(account_id)


def forget_account(account_id: int) -> None:
    """Remove a person from the bulk actions that it asked for."""
    _FORGET.run(account_id)


def matching(bound: Bound, rows: Mapping[str, Any], as_of: int) -> Query:
    """The rows that a bulk action is for; those chosen one by one are looked up in it."""
    if "uids" in rows:
        return Query(bound, as_of)
    tree = rows.get("filter")
    return Query(bound, as_of, rule_of(bound, bound.parse(tree) if tree else None, rows.get("q", "")))


def _bound(row: Bulk) -> tuple[Actor, Bound, BulkAction]:
    """Who asked, what it may see and do now. Raises NotFound when that is no longer so."""
    actor = actor_of(row["account_id"]) if row["account_id"] is not None else None
    if actor is None or not actor.is_authenticated:
        raise Refusal("The person who asked for this has no account any more.")
    try:
        bound = bind(row["list"], actor)
        return actor, bound, bound.action(row["action"])
    except NotFound as error:
        raise Refusal("The person who asked for this may no longer do it.") from error


def _apply(run: Run, row: Bulk, actor: Actor, bound: Bound, action: BulkAction) -> None:
    rows = json.loads(row["rows"])
    query = matching(bound, rows, row["as_of"])
    if row["state"] == "waiting":
        row["total"] = len(rows["uids"]) if "uids" in rows else query.count(_EVERY_KEY)
        _BEGIN.run(row["total"], row["id"])
    done = row["done"]
    while True:
        run.check()
        run.progress(done, row["total"])
        with transaction():
            locked = _LOCK.row(row["id"])
            assert locked is not None
            uids, last = _next(query, rows, locked["last_id"], row["top_id"])
            if last is None:
                return
            if uids:
                data = action.apply(actor, uids, row["value"])
                _ADD_STEP.run(row["id"], _STEP_NUMBER.value(row["id"]), len(uids), json.dumps(data))
            _ADVANCE.run(last, len(uids), row["id"])
        done += len(uids)


def _next(query: Query, rows: Mapping[str, Any], last: int, top: int) -> tuple[list[str], int | None]:
    """Public ids of the next step, and how far it goes (a key, or a place among the chosen); None at the end."""
    if "uids" in rows:
        part = rows["uids"][last : last + STEP]
        return query.visible(part), last + len(part) if part else None
    keys = query.keys(last, top, STEP)
    return [uid for _, uid in keys], keys[-1][0] if keys else None


def _finish(row: Bulk, state: str, error: str = "") -> None:
    with transaction():
        _END.run(state, error, clock.now(), row["id"])
        now = _FIND.row(row["uid"])
        assert now is not None
        emit(BulkEnded(bulk=row["uid"], list=row["list"], action=row["action"], state=state, rows=now["done"]))


def titles(row: Bulk, actor: Actor) -> dict[str, str]:
    """How the list and the action of a bulk action are called, and where its list is, while they are there."""
    try:
        bound = bind(row["list"], actor)
        action = next((item.title for item in bound.kind.actions if item.key == row["action"]), row["action"])
        return {"list_title": bound.kind.title, "list_url": bound.kind.url, "action_title": action}
    except NotFound:
        return {"list_title": row["list"], "list_url": "", "action_title": row["action"]}
