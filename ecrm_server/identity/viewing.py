"""Seeing the site as somebody else: who may, for how long, and when it ends. It is looking only, and always recorded.

A session says whom its owner looks as. Each of its requests asks again whether that still holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit import services as audit
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Forbidden, Refusal
from ecrm_server.events import emit
from ecrm_server.identity import actors
from ecrm_server.identity.events import ViewAsBegan, ViewAsEnded
from ecrm_server.identity.models import Account

PERMISSION = "identity.view_as"
SEES_ADDRESSES = "identity.manage_accounts"
LASTS = clock.HOUR
BACK, SIGNED_OUT, TIME, WITHDRAWN, ACCOUNT = "back", "signed_out", "time", "permission", "account"
"""Why it ended: they went back, signed out, the hour was over, they may not any more, the account is barred."""
SHOWN = 10

_BEGIN = Prepared(
    "UPDATE session SET viewing_id = ?, viewing_until = ? WHERE key_hash = ? AND account_id = ? AND viewing_id IS NULL"
)
_END = Prepared(
    "UPDATE session SET viewing_id = NULL, viewing_until = NULL WHERE key_hash = ? AND viewing_id = ?"
)
_PERSON = Prepared("SELECT a.uid, p.name FROM account a LEFT JOIN profile p ON p.account_id = a.id WHERE a.id = ?")
_UID = Prepared("SELECT uid FROM account WHERE id = ?")
_OVER = Prepared(
    "SELECT key_hash, account_id, viewing_id FROM session WHERE viewing_id IS NOT NULL"
    " AND (viewing_until <= ? OR expires_at <= ?)"
)


def begin(viewer: Actor, account: Account) -> None:
    """Let the viewer's session see the site as an account from now on. Raises Refusal where that may not be."""
    require(viewer, PERMISSION)
    if not viewer.session_key or viewer.only_looks:
        raise Forbidden()
    if viewer.account_id == account.id:
        raise Refusal(gettext("This is your own account: you see the site as yourself."))
    target = actors.of_account(account.id)
    if not target.is_authenticated:
        raise Refusal(gettext("This account cannot sign in, so there is nothing to see."))
    if not covers(viewer, target):
        said = gettext("%(name)s may do things that you may not. You can view the site only as people who may do less.",
                       name=target.name)  # fmt: skip
        raise Refusal(said)
    with transaction():
        if _BEGIN.run(account.id, clock.now() + LASTS, viewer.session_key, viewer.account_id) != 1:
            raise Refusal(gettext("Go back to yourself first."))
        audit.record(
            "identity.view_as_began", actor=viewer, obj_kind="account", obj_uid=account.uid,
            after={"person": target.name},
        )  # fmt: skip
        told = ViewAsBegan(account=account.uid, by=_UID.value(viewer.account_id), key=viewer.session_key)
        emit(told, actor_id=viewer.account_id)


def covers(viewer: Actor, target: Actor) -> bool:
    """Whether the target may do nothing that the viewer may not."""
    return all(viewer.may(permission) for permission in target.permissions)


def seen_by(viewer: Actor, session: Mapping[str, Any]) -> tuple[Actor | None, str]:
    """The person as whom a session's owner sees the site, or None and why that is over."""
    if session["viewing_until"] <= clock.now():
        return None, TIME
    if not viewer.may(PERMISSION):
        return None, WITHDRAWN
    target = actors.of_account(session["viewing_id"])
    if not target.is_authenticated:
        return None, ACCOUNT
    if not covers(viewer, target):
        return None, WITHDRAWN
    email = target.email if viewer.may(SEES_ADDRESSES) else ""
    return dataclasses.replace(target, email=email, session_key=viewer.session_key, viewed_by=viewer), ""


def end(session: Mapping[str, Any], reason: str) -> bool:
    """Let a session's owner see the site as themselves again. Returns whether it was otherwise."""
    with transaction():
        if _END.run(session["key_hash"], session["viewing_id"]) != 1:
            return False
        note_end(session, reason)
    return True


def note_end(session: Mapping[str, Any], reason: str) -> None:
    """Record that a session's view as somebody is over, in the transaction that ends it (or the session)."""
    target, viewer = _PERSON.row(session["viewing_id"]), _PERSON.row(session["account_id"])
    assert target is not None
    assert viewer is not None
    audit.record(
        "identity.view_as_ended", actor=Actor(account_id=session["account_id"], name=viewer["name"] or ""),
        obj_kind="account", obj_uid=target["uid"], after={"person": target["name"], "ended": reason},
    )  # fmt: skip
    told = ViewAsEnded(account=target["uid"], by=viewer["uid"], key=session["key_hash"], reason=reason)
    emit(told, actor_id=session["account_id"])


def end_those_over() -> int:
    """End what lasted its hour, or its session its time, and was not used since. Returns how many."""
    now = clock.now()
    return sum(end(row, TIME) for row in _OVER.rows(now, now))


def history(account_uid: str) -> list[dict[str, Any]]:
    """Who saw the site as an account, newest first: ``at`` and ``name`` (None: somebody who was erased)."""
    return audit.about("account", account_uid, "identity.view_as_began", SHOWN)
