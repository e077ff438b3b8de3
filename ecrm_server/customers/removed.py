"""What was removed from the page of a customer or organisation, kept for a day so that it can be put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.customers.facts import Subject
from ecrm_server.data import Prepared
from ecrm_server.errors import Refusal

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

KEPT_FOR = clock.DAY

_COLUMNS = ("customer_id", "organisation_id")
_KEEP = {
    c: Prepared(
        f"INSERT INTO customer_removed (uid, {c}, kind, data, actor_id, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    )
    for c in _COLUMNS
}
_TAKE = {
    c: Prepared(f"DELETE FROM customer_removed WHERE uid = ? AND {c} = ? RETURNING kind, data")
    for c in _COLUMNS
}
_THERE = {c: Prepared(f"SELECT 1 FROM customer_removed WHERE uid = ? AND {c} = ?") for c in _COLUMNS}
_SWEEP = Prepared("DELETE FROM customer_removed WHERE created_at < ?")


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that was removed. kind: contact, address, activity, member, plan or step."""

    kind: str
    data: dict[str, Any]


def keep(actor: Actor, subject: Subject, row_id: int, kind: str, data: Mapping[str, Any]) -> str:
    """Remember a removed row by its columns, in the caller's transaction. Returns the id by which it is put back."""
    uid = ids.public_id()
    _KEEP[subject.column].run(uid, row_id, kind, json.dumps(data), actor.account_id, clock.now())
    return uid


def take(subject: Subject, row_id: int, uid: str) -> Kept:
    """What was remembered, in the caller's transaction; it is forgotten then. Raises Refusal when it is no more."""
    found = _TAKE[subject.column].row(uid, row_id)
    if found is None:
        raise Refusal("This can no longer be undone.")
    return Kept(found["kind"], json.loads(found["data"]))


def is_kept(subject: Subject, row_id: int, uid: str) -> bool:
    """Whether something can still be put back."""
    return bool(uid) and _THERE[subject.column].value(uid, row_id) is not None


def sweep(run: Run) -> None:
    """Forget what was removed longer ago than it is kept."""
    _SWEEP.run(clock.now() - KEPT_FOR)
