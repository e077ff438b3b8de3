"""Asking for work outside the request, and looking after it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ecrm_server import clock, ids
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.access.actor import Actor

STATES = ("queued", "running", "done", "failed", "parked", "cancelled")
_ASKED_FOR = "(created_by IS NOT NULL OR kind NOT IN (SELECT kind FROM job_schedule))"
OWNERS = {"people": _ASKED_FOR, "system": f"NOT {_ASKED_FOR}", "all": "1 = 1"}
"""Whose jobs a page lists: what people asked for, the recurring upkeep of the site, or both."""

_COLUMNS = (
    "id, uid, kind, part, state, attempts, created_by, created_at, run_at, started_at, finished_at, cancel,"
    " progress, total, message, error"
)
_INSERT = Prepared(
    "INSERT INTO job (uid, kind, part, arguments, state, attempts, once, created_by, created_at, run_at, handed_at,"
    " worker, cancel, progress, message, error) VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?, ?, '', ?, 0, '', '')"
    " ON CONFLICT (once) DO UPDATE SET"
    " run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END RETURNING uid"
)
_ONE = Prepared(f"SELECT {_COLUMNS}, arguments FROM job WHERE uid = ?")
_PAGE = {
    owner: Prepared(f"SELECT {_COLUMNS} FROM job WHERE {theirs} AND id < ? ORDER BY id DESC LIMIT ?")
    for owner, theirs in OWNERS.items()
}
_PAGE_STATE = {
    owner: Prepared(
        f"SELECT {_COLUMNS} FROM job WHERE {theirs} AND state = ? AND id < ? ORDER BY id DESC LIMIT ?"
    )
    for owner, theirs in OWNERS.items()
}
_RETRY = Prepared(
    "UPDATE job SET state = 'queued', attempts = 0, run_at = ?, handed_at = ?, finished_at = NULL, cancel = ?"
    " WHERE uid = ? AND state IN ('failed', 'cancelled')"
)
_CANCEL_WAITING = Prepared(
    "UPDATE job SET state = 'cancelled', once = NULL, finished_at = ? WHERE uid = ? AND state IN ('queued', 'parked')"
)
_CANCEL_RUNNING = Prepared("UPDATE job SET cancel = ? WHERE uid = ? AND state = 'running'")
_COUNTS = {
    owner: Prepared(
        "SELECT state, COUNT(*) AS number FROM job WHERE state IN ('queued', 'running', 'parked', 'failed')"
        f" AND {theirs} GROUP BY state"
    )
    for owner, theirs in OWNERS.items()
}
_OF_ACCOUNT = Prepared(
    "SELECT kind, state, created_at, finished_at FROM job WHERE created_by = ? ORDER BY id"
)
_FORGET_OWNER = Prepared("UPDATE job SET created_by = NULL WHERE created_by = ?")

NEWEST = 2**62


def enqueue(
    kind: str,
    *,
    run_at: int | None = None,
    created_by: int | None = None,
    unique: bool = False,
    **arguments: Any,
) -> str:
    """Ask for a job; it starts after the surrounding transaction commits, at ``run_at`` (milliseconds) or at once.

    created_by: the account that may watch it. unique: when one with the same kind and arguments waits already, that one
    is meant. ``arguments`` are plain data. Returns the job's uid. Raises ValueError for a kind that its part does
    not declare; a kind of a part that is off is accepted and parked.
    """
    part = kind.partition(".")[0]
    generation = current.newest()
    if generation is not None and generation.has(part) and kind not in generation.registry.jobs:
        raise ValueError(f"{part} declares no job '{kind}'")
    now = clock.now()
    due = now if run_at is None else max(run_at, now)
    handed = now if due == now else None
    packed = json.dumps(arguments, sort_keys=True, ensure_ascii=False)
    once = hashlib.sha256(f"{kind} {packed}".encode()).hexdigest() if unique else None
    with transaction():
        uid = str(
            _INSERT.value(ids.public_id(), kind, part, packed, once, created_by, now, due, handed, False)
        )
        if handed:
            database.after_commit(lambda: _hand(uid))
    return uid


def _hand(uid: str) -> None:
    from ecrm_server.jobs.queue import queue

    queue().put(uid)


def get(uid: str) -> dict[str, Any]:
    """One job as a dict. Raises NotFound."""
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    return shown(row)


def page(
    *, owner: str = "all", state: str = "", before: int = NEWEST, limit: int = 50
) -> tuple[list[dict[str, Any]], int | None]:
    """Jobs, newest first, and the ``before`` of the next page (None at the end). ``state`` limits to one state.

    ``owner``: one of ``OWNERS``.
    """
    if state in STATES:
        rows = _PAGE_STATE[owner].rows(state, before, limit + 1)
    else:
        rows = _PAGE[owner].rows(before, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return [shown(row) for row in rows], rows[-1]["id"] if more else None


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its title and what can be done with it."""
    found = current.generation().registry.jobs.get(row["kind"])
    row["title"] = (found.title if found else "") or row["kind"]
    row["cancel"] = bool(row["cancel"])
    row["may_retry"] = row["state"] in ("failed", "cancelled")
    row["may_cancel"] = row["state"] in ("queued", "parked", "running") and not row["cancel"]
    return row


def retry(uid: str, actor: Actor) -> None:
    """Start a failed or cancelled job again, with all its attempts. Raises Refusal when it is neither."""
    with transaction():
        now = clock.now()
        if not _RETRY.run(now, now, False, uid):
            raise Refusal("Only a failed or cancelled job can be started again.")
        record("jobs.retried", actor=actor, obj_kind="job", obj_uid=uid)
        database.after_commit(lambda: _hand(uid))


def cancel(uid: str, actor: Actor) -> None:
    """Stop a job: at once while it waits; a running one is asked to leave off. Raises Refusal when it is over."""
    with transaction():
        if not _CANCEL_WAITING.run(clock.now(), uid) and not _CANCEL_RUNNING.run(True, uid):
            raise Refusal("The job is over already.")
        record("jobs.cancelled", actor=actor, obj_kind="job", obj_uid=uid)


def counts(owner: str = "all") -> dict[str, int]:
    """How many jobs of an owner (one of ``OWNERS``) are queued, running, parked and failed."""
    return {row["state"]: int(row["number"]) for row in _COUNTS[owner].rows()}


def of_account(account_id: int) -> list[dict[str, Any]]:
    """The jobs that a person asked for, as plain data."""
    return _OF_ACCOUNT.rows(account_id)


def forget_account(account_id: int) -> None:
    """Remove a person from the jobs that it asked for."""
    _FORGET_OWNER.run(account_id)
