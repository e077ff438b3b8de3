"""A moderator takes back a slip: the item waits again, as it did before the decision."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.events import emit
from ecrm_server.moderation import decisions, flags, objects, queue, screening
from ecrm_server.moderation.events import Queued

WITHIN = clock.HOUR
"""Later the author may have read it, and appeals are the way."""

_REOPEN = Prepared(
    "UPDATE review_item SET state = 'open', decided_by_id = NULL, decided_at = NULL, decision_id = NULL"
    " WHERE uid = ? AND state = ? AND NOT EXISTS (SELECT 1 FROM review_item o WHERE o.state = 'open'"
    " AND o.obj_kind = review_item.obj_kind AND o.obj_uid = review_item.obj_uid)"
)
_WITHDRAW = Prepared(
    "UPDATE moderation_decision SET measure = 'none', appealable_until = NULL WHERE id = ? AND appeal_state = 'none'"
)


def may_undo(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether an actor may take back how an item was decided: the own decision, within the hour, no appeal's answer."""
    return bool(
        row["state"] != "open"
        and row["why"] != "appeal"
        and actor.account_id is not None
        and row["decided_by_id"] == actor.account_id
        and row["decided_at"] > clock.now() - WITHIN
    )


def undo(actor: Actor, item: str) -> None:
    """Let an item wait again. Raises Refusal when it is too late, Conflict when the object waits under another item."""
    require(actor, screening.REVIEW)
    row = queue.get(actor, item)
    if not may_undo(actor, row):
        raise Refusal("This decision can no longer be taken back.")
    with transaction():
        if not _REOPEN.run(item, row["state"]):
            raise Conflict("Somebody else has changed this meanwhile.")
        _put_back(actor, row)
        flags.reopen(row["obj_kind"], row["obj_uid"], row["decided_at"])
        before = {"state": row["state"]}
        record(
            "moderation.undone", actor=actor, obj_kind=row["obj_kind"], obj_uid=row["obj_uid"], before=before
        )
        emit(
            Queued(item=item, kind=row["obj_kind"], uid=row["obj_uid"], why=row["why"]),
            actor_id=actor.account_id,
        )


def _put_back(actor: Actor, row: dict[str, Any]) -> None:
    if row["object"] is not None:
        kind = objects.kind_of(row["obj_kind"])
        if row["state"] == "hidden" and not row["held"]:
            kind.restore(row["obj_uid"], actor)
        elif row["state"] == "approved" and row["held"]:
            kind.hide(row["obj_uid"], actor)
    if row["held"] and row["state"] == "approved":
        screening.note_undone(row["author_id"])
    decision = decisions.by_id(row["decision_id"])
    if decision is None:
        return
    if not _WITHDRAW.run(decision["id"]):
        raise Refusal("The author has appealed already; answer the appeal instead.")
    decisions.tell(decision["author_id"], decision["uid"], "A decision about your contribution was taken back.")
