"""Moderators decide; authors get a statement of reasons (what, why, which rule, by whom, how to appeal)."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.moderation import flags, objects, queue, reasons
from ecrm_server.moderation.events import Decided
from ecrm_server.moderation.models import Decision
from ecrm_server.moderation.screening import REVIEW, note_approved
from ecrm_server.notices.services import notify
from ecrm_server.settings.store import setting

NOTICE = "moderation.decision"
MEASURES = {
    "hide": "Your contribution is hidden from everybody.",
    "suspend": "Your account is suspended.",
    "silence": "Your account can read but not write.",
    "none": "Nothing was restricted.",
}

_COLUMNS = (
    "d.id, d.uid, d.obj_kind, d.obj_uid, d.title, d.url, d.author_id, d.measure, d.reason, d.rule, d.statement,"
    " d.automated, d.until, d.at, d.decided_by_id, d.appealable_until, d.appeal_state, d.appeal_text, d.appeal_at,"
    " d.appeal_answer, d.appeal_decided_at"
)
_OF_AUTHOR = Prepared(
    f"SELECT {_COLUMNS} FROM moderation_decision d WHERE d.author_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?"
)
_ONE = Prepared(f"SELECT {_COLUMNS} FROM moderation_decision d WHERE d.uid = ?")
_BY_ID = Prepared(f"SELECT {_COLUMNS} FROM moderation_decision d WHERE d.id = ?")
_ACCOUNT = Prepared("SELECT account_id FROM profile WHERE id = ?")
NEWEST = 2**62


def decide(actor: Actor, item: str, decision: str, *, reason: str = "", statement: str = "") -> str | None:
    """Decide about a queued object: ``approve`` or ``hide``. Returns the public id of the decision to hide.

    The part's own service, the flags, the audit entry and the notice to the author are one transaction. Raises
    Conflict when somebody else decided first, Forbidden for one's own content, Refusal without a reason for hiding.
    """
    require(actor, REVIEW)
    row = queue.get(actor, item)
    if row["why"] == "appeal" or decision not in ("approve", "hide"):
        raise Refusal("An appeal is answered, not decided like a post.")
    not_ones_own(actor, row["author_id"])
    with transaction():
        uid = None
        if decision == "hide":
            uid = _hide(actor, row, reason, statement)
        else:
            _approve(actor, row)
        state = "hidden" if decision == "hide" else "approved"
        decision_id = _id_of(uid) if uid else None
        if not queue.close(item, state, actor.account_id, decision_id):
            raise Conflict("Somebody else has decided this meanwhile.")
        flags.settle(row["obj_kind"], row["obj_uid"], "upheld" if decision == "hide" else "dismissed")
        if row["held"] and decision == "approve":
            note_approved(row["author_id"])
        after = {"state": state, "reason": reason, "decision": uid}
        record(
            "moderation.decided", actor=actor, obj_kind=row["obj_kind"], obj_uid=row["obj_uid"], after=after
        )
        emit(
            Decided(item=item, kind=row["obj_kind"], uid=row["obj_uid"], state=state, decision=uid),
            actor_id=actor.account_id,
        )
    return uid


def not_ones_own(actor: Actor, author_profile_id: int | None) -> None:
    """Raise Forbidden when a moderator would decide about the own content or account."""
    if author_profile_id is not None and author_profile_id == actor.profile_id:
        raise Forbidden("Somebody else must decide about your own contributions.")


def _approve(actor: Actor, row: dict[str, Any]) -> None:
    if row["held"] and row["object"] is not None:
        objects.kind_of(row["obj_kind"]).approve(row["obj_uid"], actor)


def _hide(actor: Actor, row: dict[str, Any], reason: str, statement: str) -> str:
    rule = reasons.words_of(reason)
    shown = row["object"]
    if shown is None:
        raise Refusal("The object is gone; approve the item to close it.")
    objects.kind_of(row["obj_kind"]).hide(row["obj_uid"], actor)
    return issue(
        actor, "hide", obj_kind=row["obj_kind"], obj_uid=row["obj_uid"], title=shown.title, url=shown.url,
        author_profile_id=row["author_id"], reason=reason, rule=rule, statement=statement,
    )  # fmt: skip


def issue(
    actor: Actor,
    measure: str,
    *,
    author_profile_id: int | None,
    statement: str,
    automated: bool = False,
    **facts: Any,
) -> str:
    """Write a decision and tell its author, in the caller's transaction. Returns its public id."""
    now = clock.now()
    decision = Decision.create(
        author=author_profile_id,
        measure=measure,
        statement=statement.strip(),
        automated=automated,
        decided_by=actor.account_id,
        at=now,
        appealable_until=now + setting("moderation.appeal_days") * clock.DAY,
        **facts,
    )
    tell(author_profile_id, decision.uid, MEASURES[measure], decision.rule, decision.statement)
    return str(decision.uid)


def tell(author_profile_id: int | None, decision: str, title: str, *sentences: str) -> None:
    """Tell the author about a decision or what became of an appeal. Authors of imported content have no account."""
    account_id = None if author_profile_id is None else _ACCOUNT.value(author_profile_id)
    if account_id is not None:
        text = " ".join(_sentence(words) for words in sentences if words)
        notify([account_id], NOTICE, title=title, url=f"/me/decisions/{decision}", excerpt=text)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def of_author(profile_id: int, *, before: str = "", limit: int = 20) -> tuple[list[dict[str, Any]], str]:
    """Decisions about a person's contributions and account, newest first, and the cursor of the next page."""
    start = (_id_of(before) or 0) if before else NEWEST
    rows = _OF_AUTHOR.rows(profile_id, start, limit + 1)
    return [shown(row) for row in rows[:limit]], rows[limit - 1]["uid"] if len(rows) > limit else ""


def own(actor: Actor, uid: str) -> dict[str, Any]:
    """A decision about the actor. Raises NotFound for anybody else's."""
    row = _ONE.row(uid)
    if row is None or row["author_id"] is None or row["author_id"] != actor.profile_id:
        raise NotFound()
    return shown(row)


def by_id(decision_id: int | None) -> dict[str, Any] | None:
    """A decision for moderators, by its database key."""
    row = None if decision_id is None else _BY_ID.row(decision_id)
    return None if row is None else shown(row)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its measure in words and whether it can be appealed against now."""
    row["automated"] = bool(row["automated"])
    row["what"] = MEASURES[row["measure"]]
    limit = row["appealable_until"]
    row["may_appeal"] = row["appeal_state"] == "none" and limit is not None and limit > clock.now()
    return row


def _id_of(uid: str) -> int | None:
    row = _ONE.row(uid)
    return None if row is None else row["id"]
