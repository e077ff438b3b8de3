"""Invitations: a link in a mail makes an account with given roles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.permission import ADMIN
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.identity import events, keys, passwords, services, zones
from ecrm_server.identity.models import Account, Invitation

LIFE = 14 * clock.DAY

_LIST = Prepared(
    "SELECT i.uid, i.email, i.roles, i.created_at, i.expires_at, i.accepted_at, p.name AS invited_by FROM invitation i"
    " LEFT JOIN profile p ON p.account_id = i.invited_by_id ORDER BY i.id DESC LIMIT ?"
)
_OPEN = Prepared(
    "SELECT uid, email, email_key, roles FROM invitation"
    " WHERE token_hash = ? AND accepted_at IS NULL AND expires_at > ?"
)
_ACCEPT = Prepared(
    "UPDATE invitation SET accepted_at = ?, account_id = ? WHERE token_hash = ? AND accepted_at IS NULL"
)
_WITHDRAW = Prepared("DELETE FROM invitation WHERE uid = ? AND accepted_at IS NULL")
_REPLACE = Prepared("DELETE FROM invitation WHERE email_key = ? AND accepted_at IS NULL")


def invite(actor: Actor, email: str, roles: Iterable[str] = ()) -> str:
    """Store an invitation and return its token for the link; an earlier one to the address ends.

    Whoever invites gives only roles that they hold; an administrator gives any.
    """
    key, wanted = keys.email_key(email), services.known_roles(roles)
    if ADMIN not in actor.roles and not actor.all_permissions and not set(wanted) <= actor.roles:
        raise Forbidden("You can give only roles that you hold yourself.")
    if services.account_by_email(email) is not None:
        raise Conflict("There is an account with this e-mail address already.", field="email")
    token = keys.new_secret()
    with transaction():
        _REPLACE.run(key)
        row = Invitation.create(
            email=email.strip(),
            email_key=key,
            roles=wanted,
            token_hash=keys.digest(token),
            invited_by=actor.account_id,
            expires_at=clock.now() + LIFE,
        )
        record("identity.invited", actor=actor, obj_kind="invitation", obj_uid=row.uid, after={"roles": wanted})
        emit(events.Invited(invitation=row.uid, roles=wanted), actor_id=actor.account_id)
    return token


def find(token: str) -> dict[str, Any]:
    """The open invitation behind a link: ``email``, ``email_key`` and ``roles``. Raises NotFound."""
    row = _OPEN.row(keys.digest(token), clock.now())
    if row is None:
        raise NotFound("This invitation does not hold any more. Ask for a new one.")
    return row | {"roles": json.loads(row["roles"])}


def accept(token: str, *, name: str, password: str, timezone: str = "") -> Account:
    """Make the invited account; opening the mailed link has confirmed its address."""
    row = find(token)
    hashed = passwords.new_hash(password, row["email"], name)
    with transaction():
        account = services.create_account(
            row["email"], name, password_hash=hashed, roles=row["roles"], confirmed=True, via="invitation",
            terms_accepted_at=clock.now(), timezone=zones.known(timezone),
        )  # fmt: skip
        _use_up(token, account)
    return account


def fits(invitation: dict[str, Any], actor: Actor) -> bool:
    """Whether an invitation is for the address of the actor's account: they registered by themselves meanwhile."""
    return (
        actor.account_id is not None
        and invitation["email_key"] == Account.get_by_id(actor.account_id).email_key
    )


def accept_for(actor: Actor, token: str) -> None:
    """Give the actor's account the roles of its invitation. Raises Refusal when it is for another address."""
    row = find(token)
    if not fits(row, actor):
        raise Refusal("This invitation is for another address. Sign out to use it.")
    account = Account.get_by_id(actor.account_id)
    with transaction():
        _use_up(token, account)
        services.add_roles(actor, account, row["roles"])


def _use_up(token: str, account: Account) -> None:
    if _ACCEPT.run(clock.now(), account.id, keys.digest(token)) != 1:
        raise NotFound("This invitation was used meanwhile.")


def listed(limit: int = 200) -> list[dict[str, Any]]:
    """The newest invitations."""
    return [row | {"roles": json.loads(row["roles"])} for row in _LIST.rows(limit)]


def withdraw(actor: Actor, uid: str) -> None:
    """Let an open invitation end. Raises NotFound."""
    with transaction():
        if _WITHDRAW.run(uid) != 1:
            raise NotFound()
        record("identity.invitation_withdrawn", actor=actor, obj_kind="invitation", obj_uid=uid)
