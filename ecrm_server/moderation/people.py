"""Measures against people: suspending (no sign-in) and silencing (reading only)."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.identity import services as identity
from ecrm_server.identity.models import Account
from ecrm_server.moderation import decisions, reasons

SANCTION = "moderation.sanction"

_PERSON = Prepared(
    "SELECT p.id AS profile_id, p.uid, p.name, p.handle, p.created_at, a.id AS account_id, a.uid AS account_uid,"
    " a.suspended_until, a.silenced_until, a.last_seen_at FROM profile p JOIN account a ON a.id = p.account_id"
    " WHERE p.uid = ? AND a.deleted_at IS NULL"
)


def person(profile_uid: str) -> dict[str, Any]:
    """Somebody with an account, by the profile's public id. Raises NotFound."""
    row = _PERSON.row(profile_uid)
    if row is None:
        raise NotFound()
    now = clock.now()
    for name in ("suspended_until", "silenced_until"):
        if row[name] is not None and row[name] <= now:
            row[name] = None
    row["for_good"] = row["suspended_until"] == identity.FOREVER
    return row


def suspend(actor: Actor, profile_uid: str, until: int | None, reason: str, statement: str = "") -> str:
    """Keep somebody from signing in until a time (milliseconds; None: for good). Returns the decision's public id.

    Every session ends at once. Raises NotFound, Refusal (oneself, the only administrator), Forbidden.
    """
    return _sanction(actor, profile_uid, "suspend", until, reason, statement)


def silence(actor: Actor, profile_uid: str, until: int, reason: str, statement: str = "") -> str:
    """Let somebody read but not write until a time (milliseconds). Returns the decision's public id."""
    return _sanction(actor, profile_uid, "silence", until, reason, statement)


def _sanction(
    actor: Actor, profile_uid: str, measure: str, until: int | None, reason: str, statement: str
) -> str:
    require(actor, SANCTION)
    row = person(profile_uid)
    decisions.not_ones_own(actor, row["profile_id"])
    rule = reasons.words_of(reason)
    account = Account.get_by_id(row["account_id"])
    with transaction():
        if measure == "suspend":
            identity.suspend(actor, account, until=until, reason=rule)
        else:
            identity.silence(actor, account, until=until)
        uid = decisions.issue(
            actor, measure, obj_kind="account", obj_uid=account.uid, title=row["name"], until=until,
            author_profile_id=row["profile_id"], reason=reason, rule=rule, statement=statement,
        )  # fmt: skip
        after = {"measure": measure, "until": until, "reason": reason, "decision": uid}
        record("moderation.sanctioned", actor=actor, obj_kind="account", obj_uid=account.uid, after=after)
    return uid


def lift(actor: Actor, profile_uid: str) -> None:
    """End suspension and silence of somebody."""
    require(actor, SANCTION)
    row = person(profile_uid)
    decisions.not_ones_own(actor, row["profile_id"])
    with transaction():
        for measure in ("suspend", "silence"):
            end(actor, row["account_id"], measure)
        before = {name: row[name] for name in ("suspended_until", "silenced_until")}
        record(
            "moderation.lifted", actor=actor, obj_kind="account", obj_uid=row["account_uid"], before=before
        )


def end(actor: Actor, account_id: int, measure: str) -> None:
    """Undo one measure, in the caller's transaction."""
    account = Account.get_by_id(account_id)
    if measure == "suspend" and account.suspended_until is not None:
        identity.restore(actor, account)
    elif measure == "silence" and account.silenced_until is not None:
        identity.silence(actor, account, until=None)
