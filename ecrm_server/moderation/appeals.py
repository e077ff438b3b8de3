"""Authors appeal; another moderator decides where there is one."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, Refusal
from ecrm_server.events import emit
from ecrm_server.moderation import decisions, moderators, objects, people, queue
from ecrm_server.moderation.events import AppealDecided, Appealed
from ecrm_server.moderation.screening import REVIEW

_APPEAL = Prepared(
    "UPDATE moderation_decision SET appeal_state = 'open', appeal_text = ?, appeal_at = ?"
    " WHERE id = ? AND appeal_state = 'none' AND appealable_until > ?"
)
_ANSWER = Prepared(
    "UPDATE moderation_decision SET appeal_state = ?, appeal_answer = ?, appeal_decided_by_id = ?,"
    " appeal_decided_at = ?"
    " WHERE id = ? AND appeal_state = 'open'"
)


def appeal(actor: Actor, decision: str, text: str) -> None:
    """Appeal against a decision about oneself, once.

    Raises NotFound for somebody else's, Refusal when it is too late.
    """
    row = decisions.own(actor, decision)
    if not text.strip():
        raise Refusal("Say why the decision is wrong.", field="text")
    with transaction():
        if not _APPEAL.run(text.strip()[:4000], clock.now(), row["id"], clock.now()):
            raise Refusal("This decision cannot be appealed against any more.")
        queue.hold(
            row["obj_kind"], row["obj_uid"], "appeal", author_profile_id=actor.profile_id, decision=row["id"]
        )
        record("moderation.appealed", actor=actor, obj_kind="decision", obj_uid=decision)
        emit(Appealed(decision=decision), actor_id=actor.account_id)


def may_answer(actor: Actor, decision: dict[str, Any], author_account_id: int | None) -> bool:
    """Whether an actor may answer an appeal: not its author; not who decided first, unless nobody else could."""
    if decision["author_id"] is not None and decision["author_id"] == actor.profile_id:
        return False
    if decision["decided_by_id"] is None or decision["decided_by_id"] != actor.account_id:
        return True
    return not moderators.is_other_than(actor.account_id, author_account_id)


def answer(actor: Actor, item: str, outcome: str, text: str) -> None:
    """Answer an appeal: ``uphold`` the decision or ``overturn`` it, which undoes the measure."""
    require(actor, REVIEW)
    row = queue.get(actor, item)
    decision = decisions.by_id(row["decision_id"])
    if row["why"] != "appeal" or decision is None or outcome not in ("uphold", "overturn"):
        raise Refusal("This is not an appeal.")
    if not may_answer(actor, decision, row["author_account_id"]):
        raise Forbidden("Another moderator must answer this appeal.")
    if not text.strip():
        raise Refusal("Say why.", field="answer")
    state = "overturned" if outcome == "overturn" else "upheld"
    with transaction():
        closed = queue.close(item, "approved" if state == "overturned" else "hidden", actor.account_id)
        if not closed or not _ANSWER.run(
            state, text.strip()[:4000], actor.account_id, clock.now(), decision["id"]
        ):
            raise Conflict("Somebody else has answered this meanwhile.")
        if state == "overturned":
            _undo(actor, decision, row["author_account_id"])
        record(
            "moderation.appeal_answered",
            actor=actor,
            obj_kind="decision",
            obj_uid=decision["uid"],
            after={"state": state},
        )
        emit(AppealDecided(decision=decision["uid"], state=state), actor_id=actor.account_id)
        title = "Your appeal was granted." if state == "overturned" else "Your appeal was refused."
        decisions.tell(decision["author_id"], decision["uid"], title, text.strip())


def _undo(actor: Actor, decision: dict[str, Any], account_id: int | None) -> None:
    if decision["measure"] == "hide":
        objects.kind_of(decision["obj_kind"]).restore(decision["obj_uid"], actor)
    elif account_id is not None:
        people.end(actor, account_id, decision["measure"])
