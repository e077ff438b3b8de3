"""Accounts: made, barred, given roles, signed out. Every rule here holds for forms, commands and the REST API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import peewee
from flask_babel import gettext

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.permission import ADMIN, EVERYONE, MEMBER
from ecrm_server.access.services import require_may_give
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.identity import events, held, passwords, profiles
from ecrm_server.identity.keys import email_key
from ecrm_server.identity.models import Account
from ecrm_server.identity.sessions import revoke as revoke_session
from ecrm_server.identity.sessions import revoke_all

_ROLE_NAMES = Prepared("SELECT name FROM role")
_HELD = Prepared("SELECT role FROM account_role WHERE account_id = ? ORDER BY role")
_ADD_ROLE = Prepared("INSERT INTO account_role (account_id, role) VALUES (?, ?) ON CONFLICT DO NOTHING")
_DROP_ROLES = Prepared("DELETE FROM account_role WHERE account_id = ?")
_OTHER_ADMIN = Prepared(
    "SELECT 1 FROM account_role r JOIN account a ON a.id = r.account_id WHERE r.role = ? AND a.active AND NOT a.demo"
    " AND a.id <> ? AND (a.suspended_until IS NULL OR a.suspended_until <= ?) LIMIT 1"
)
_LOCK_ADMINS = Prepared("SELECT account_id FROM account_role WHERE role = ? ORDER BY account_id", lock=True)
_ANY_ADMIN = Prepared(
    "SELECT 1 FROM account_role r JOIN account a ON a.id = r.account_id WHERE r.role = ? AND NOT a.demo LIMIT 1"
)
_UNREAD = Prepared("UPDATE account SET unread_notices = ? WHERE id = ?")
_REVIEWED = Prepared("UPDATE account SET posts_reviewed = ? WHERE id = ?")
FOREVER = 253_402_300_799_000
"""The end of the year 9999: until when somebody is suspended for good."""


def create_account(
    email: str,
    name: str,
    *,
    password: str | None = None,
    password_hash: str | None = None,
    roles: Iterable[str] = (),
    confirmed: bool = False,
    via: str = "form",
    handle: str = "",
    **more: Any,
) -> Account:
    """Make an account and its profile.

    ``password`` is checked and hashed; ``password_hash`` is stored as it is (within a transaction use only this one,
    see ``passwords.new_hash``). ``more`` are further columns.
    Raises Conflict when the address has an account, Refusal for a bad address, name or password.
    """
    key, shown = email_key(email), profiles.checked_name(name)
    if password is not None:
        password_hash = passwords.new_hash(password, email, name)
    own_handle = profiles.checked_handle(handle) if handle else ""
    now = clock.now()
    try:
        with transaction():
            account = Account.create(
                email=email.strip(),
                email_key=key,
                password=password_hash,
                confirmed_at=now if confirmed else None,
                **more,
            )
            profile_id = profiles.create(shown, account_id=account.id, handle=own_handle, demo=account.demo)
            for role in known_roles(roles):
                _ADD_ROLE.run(account.id, role)
            uid = profiles.by_account(account.id)["uid"]  # type: ignore[index]
            emit(events.Registered(account=account.uid, profile=uid, via=via), actor_id=account.id)
    except peewee.IntegrityError as error:
        raise Conflict("There is an account with this e-mail address already.", field="email") from error
    account.profile_id, account.profile_uid = profile_id, uid
    return account


def known_roles(roles: Iterable[str]) -> list[str]:
    """The names of roles that can be given to accounts. Raises Refusal for one that does not exist."""
    wanted = sorted(set(roles) - {EVERYONE, MEMBER})
    existing = {row[0] for row in _ROLE_NAMES.tuples()} if wanted else set()
    unknown = [role for role in wanted if role not in existing]
    if unknown:
        raise Refusal(f"There is no role '{unknown[0]}'.", field="roles")
    return wanted


def account_by_email(email: str) -> Account | None:
    """The account with an address, however it is written; None also for what is no address."""
    try:
        return Account.get_or_none(Account.email_key == email_key(email))
    except Refusal:
        return None


def account_by_uid(uid: str) -> Account:
    """An account by its public id. Raises NotFound."""
    found = Account.get_or_none((Account.uid == uid) & Account.deleted_at.is_null())
    if found is None:
        raise NotFound()
    return found


def roles_of(account_id: int) -> list[str]:
    """The roles an account holds itself, without those of its groups."""
    return [row[0] for row in _HELD.tuples(account_id)]


def set_roles(actor: Actor, account: Account, roles: Iterable[str]) -> None:
    """Give an account exactly these roles; its other sessions end.

    Only an administrator makes or unmakes administrators, the last one stays, and nobody gives or takes roles that
    allow more than they may do themselves.
    """
    after, before = known_roles(roles), roles_of(account.id)
    if after == before:
        return
    require_may_give(actor, set(after) ^ set(before))
    _store_roles(actor, account, before, after)


def add_roles(actor: Actor, account: Account, roles: Iterable[str]) -> None:
    """Give the actor's own account roles that somebody who may give them promised it before (an invitation)."""
    before = roles_of(account.id)
    after = known_roles({*before, *roles})
    if after != before:
        _store_roles(actor, account, before, after)


def _store_roles(actor: Actor, account: Account, before: list[str], after: list[str]) -> None:
    with transaction():
        if ADMIN in before and ADMIN not in after:
            require_other_admin(account)
        _DROP_ROLES.run(account.id)
        for role in after:
            _ADD_ROLE.run(account.id, role)
        held.forget(account.id)
        record(
            "identity.roles_changed", actor=actor, obj_kind="account", obj_uid=account.uid, before=before, after=after
        )
        emit(events.RolesChanged(account=account.uid, before=before, after=after), actor_id=actor.account_id)
        revoke_all(
            account.id, except_=own_session(actor, account), reason="roles changed", actor_id=actor.account_id
        )


def own_session(actor: Actor, account: Account) -> str:
    """The session that a change of an account leaves: the actor's, when the account is the actor's own."""
    return actor.session_key if actor.account_id == account.id else ""


def require_other_admin(account: Account) -> None:
    """Raise Refusal when an account is the only administrator left.

    In the transaction that takes the role or the account away: two administrators who do that to each other wait here.
    """
    _LOCK_ADMINS.rows(ADMIN)
    if _OTHER_ADMIN.value(ADMIN, account.id, clock.now()) is None:
        raise Refusal("This is the only administrator. Make somebody else one first.")


def require_admin() -> None:
    """Raise Refusal unless somebody other than the demo's people can administrate the site."""
    if _OTHER_ADMIN.value(ADMIN, 0, clock.now()) is None:
        raise Refusal(
            gettext(
                "Nobody but the demo's people administrates this site. Open the link that the server printed when it"
                " started, or give a member the role Administrator, before the demo goes."
            )
        )


def has_admin() -> bool:
    """Whether anybody but the demo's people administers the site."""
    return _ANY_ADMIN.value(ADMIN) is not None


def suspend(actor: Actor, account: Account, *, until: int | None = None, reason: str) -> None:
    """Keep an account from signing in until a time (milliseconds; None: for good) and end its sessions."""
    _not_oneself_nor_stronger(actor, account)
    with transaction():
        if ADMIN in roles_of(account.id):
            require_other_admin(account)
        Account.update(suspended_until=until or FOREVER, suspended_reason=reason).where(
            Account.id == account.id
        ).execute()
        record(
            "identity.suspended", actor=actor, obj_kind="account", obj_uid=account.uid, after={"until": until},
            note=reason,
        )  # fmt: skip
        emit(
            events.AccountSuspended(account=account.uid, until=until, reason=reason),
            actor_id=actor.account_id,
        )
        revoke_all(account.id, reason="suspended", actor_id=actor.account_id)


def restore(actor: Actor, account: Account) -> None:
    """End a suspension."""
    with transaction():
        Account.update(suspended_until=None, suspended_reason="").where(Account.id == account.id).execute()
        record("identity.restored", actor=actor, obj_kind="account", obj_uid=account.uid)
        emit(events.AccountRestored(account=account.uid), actor_id=actor.account_id)


def silence(actor: Actor, account: Account, *, until: int | None) -> None:
    """Let an account read only until a time (milliseconds); None lets it write again."""
    _not_oneself_nor_stronger(actor, account)
    with transaction():
        Account.update(silenced_until=until).where(Account.id == account.id).execute()
        record("identity.silenced", actor=actor, obj_kind="account", obj_uid=account.uid, after={"until": until})
        emit(events.AccountSilenced(account=account.uid, until=until), actor_id=actor.account_id)


def _not_oneself_nor_stronger(actor: Actor, account: Account) -> None:
    if actor.account_id == account.id:
        raise Refusal("You cannot do this to your own account.")
    administers = ADMIN in held.understood(held.read(account.id)).roles  # through a group, too
    if administers and not (actor.all_permissions or ADMIN in actor.roles):
        raise Forbidden("Only an administrator may do this to an administrator.")


def password_changed(account: Account, *, keep: str = "") -> None:
    """Tell of a new password and end the other sessions. Call it in the change's transaction."""
    emit(events.PasswordChanged(account=account.uid), actor_id=account.id)
    revoke_all(account.id, except_=keep, reason="password changed", actor_id=account.id)


def sign_out(actor: Actor, account: Account) -> None:
    """End every session of an account; an actor's own session stays."""
    with transaction():
        record("identity.signed_out", actor=actor, obj_kind="account", obj_uid=account.uid)
        revoke_all(account.id, except_=own_session(actor, account), reason="revoked", actor_id=actor.account_id)


def set_preferences(
    actor: Actor, *, locale: str = "", timezone: str = "", theme: str = "", density: str = ""
) -> None:
    """Store how a person wants to see the site; empty means the site's or the browser's choice."""
    Account.update(locale=locale, timezone=timezone, theme=theme, density=density).where(
        Account.id == actor.account_id
    ).execute()


def set_unread_notices(account_id: int, count: int) -> None:
    """Store how many notices a person has not read; the number at the bell."""
    _UNREAD.run(count, account_id)


def set_posts_reviewed(account_id: int, reviewed: bool) -> None:
    """Store whether a newcomer's posts appear without a moderator's look."""
    _REVIEWED.run(reviewed, account_id)


__all__ = [
    "account_by_email",
    "account_by_uid",
    "add_roles",
    "create_account",
    "has_admin",
    "known_roles",
    "password_changed",
    "require_admin",
    "restore",
    "revoke_all",
    "revoke_session",
    "roles_of",
    "set_posts_reviewed",
    "set_preferences",
    "set_roles",
    "set_unread_notices",
    "sign_out",
    "silence",
    "suspend",
]
