"""From rows to the actor that views, services and channels ask for permissions."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.permission import EVERYONE, with_implied
from ecrm_server.data import Prepared
from ecrm_server.identity import held, keys, sessions
from ecrm_server.kernel import current

KEY_PREFIX = "ecrm_"
_ANONYMOUS = "ecrm_anonymous"

_PERSON = (
    "a.id AS account_id, a.email, a.active, a.suspended_until, a.silenced_until, a.posts_reviewed, a.locale,"
    " a.timezone, a.theme, a.density, a.created_at, a.unread_notices, p.id AS profile_id, p.uid, p.handle, p.name,"
    " p.avatar"
)
_KEY = Prepared(
    f"SELECT k.id AS key_id, k.secret_hash, k.scopes, k.roles, k.expires_at, k.last_used_at, {_PERSON}"
    " FROM api_key k JOIN account a ON a.id = k.account_id JOIN profile p ON p.account_id = a.id WHERE k.uid = ?"
)
_ACCOUNT = Prepared(f"SELECT {_PERSON} FROM account a JOIN profile p ON p.account_id = a.id WHERE a.id = ?")
_KEY_ROLES = Prepared("UPDATE api_key SET roles = ? WHERE id = ?")
_KEY_USED = Prepared("UPDATE api_key SET last_used_at = ? WHERE id = ?")


def anonymous() -> Actor:
    """A visitor who is not signed in, with what everyone may do."""
    generation = current.generation()
    known: Actor | None = generation.app.extensions.get(_ANONYMOUS)
    if known is None:
        roles = frozenset({EVERYONE})
        known = Actor(roles=roles, permissions=generation.permissions_of(roles))
        generation.app.extensions[_ANONYMOUS] = known
    return known


def avatar_url(avatar: str | None) -> str | None:
    """The address of a stored picture."""
    return f"/files/{avatar}" if avatar else None


def is_barred(row: Mapping[str, Any]) -> bool:
    """Whether the account may not be used at present."""
    return not row["active"] or (row["suspended_until"] is not None and row["suspended_until"] > clock.now())


def of_session(row: dict[str, Any], data: Mapping[str, Any]) -> Actor:
    """The actor of a session row (``sessions.find``); anonymous when its account is barred."""
    if row["account_id"] is None or is_barred(row):
        return anonymous()
    kept = held.understood(sessions.with_roles(row))
    return _actor(
        row, kept, kept.permissions, session_key=row["key_hash"], fresh_at=int(data.get("fs_paa", 0) * 1000)
    )


def of_account(account_id: int) -> Actor:
    """The actor of an account outside a request: jobs and mails ask again what their person may do.

    Gives the anonymous actor when the account is barred or gone.
    """
    row = _ACCOUNT.row(account_id)
    if row is None or is_barred(row):
        return anonymous()
    kept = held.understood(held.read(account_id))
    return _actor(row, kept, kept.permissions)


def of_key(key: str) -> Actor | None:
    """The actor of an API key: what its owner may do and the key's scopes name. None for a key that does not hold."""
    import json

    uid, _, secret = key.removeprefix(KEY_PREFIX).partition("_")
    row = _KEY.row(uid) if key.startswith(KEY_PREFIX) and secret else None
    if row is None or not hmac.compare_digest(row["secret_hash"], keys.digest(secret)):
        return None
    now = clock.now()
    if is_barred(row) or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    if row["roles"] is None:
        row["roles"] = held.read(row["account_id"])
        _KEY_ROLES.run(row["roles"], row["key_id"])
    if now - (row["last_used_at"] or 0) >= sessions.TOUCH_EVERY:
        _KEY_USED.run(now, row["key_id"])
    kept = held.understood(row["roles"])
    declared = current.generation().registry.permissions
    scopes = kept.permissions & with_implied(json.loads(row["scopes"]), declared)
    return _actor(row, kept, scopes, api_key_id=row["key_id"])


def _actor(row: Mapping[str, Any], kept: held.Held, permissions: frozenset[str], **more: Any) -> Actor:
    silenced = row["silenced_until"] is not None and row["silenced_until"] > clock.now()
    return Actor(
        account_id=row["account_id"],
        profile_id=row["profile_id"],
        uid=row["uid"],
        name=row["name"],
        email=row["email"],
        avatar_url=avatar_url(row["avatar"]),
        roles=kept.roles,
        groups=kept.groups,
        permissions=permissions,
        locale=row["locale"],
        timezone=row["timezone"],
        theme=row["theme"],
        density=row["density"],
        silenced=silenced,
        posts_reviewed=bool(row["posts_reviewed"]),
        created_at=row["created_at"],
        unread_notices=row["unread_notices"],
        **more,
    )
