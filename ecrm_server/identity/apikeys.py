"""API keys: made by people for their programs, shown once, with part of their owner's permissions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.identity import events, keys
from ecrm_server.identity.actors import KEY_PREFIX
from ecrm_server.identity.models import Account, ApiKey

MAX_KEYS = 25
MAX_DAYS = 730

_LIST = Prepared(
    "SELECT uid, name, scopes, created_at, expires_at, last_used_at FROM api_key WHERE account_id = ? ORDER BY id DESC"
)
_DELETE = Prepared("DELETE FROM api_key WHERE uid = ? AND account_id = ?")


def create(actor: Actor, name: str, scopes: Iterable[str], *, days: int | None = None) -> str:
    """Make a key for the actor's account and return it; it cannot be shown again.

    ``scopes`` are permissions that the actor holds; ``days`` until it ends (None: never).
    """
    assert actor.account_id is not None
    wanted, label = sorted(set(scopes)), " ".join(name.split())
    if not label or len(label) > 80:
        raise Refusal("Give the key a name of at most 80 characters.", field="name")
    if not wanted or any(not actor.may(scope) for scope in wanted):
        raise Refusal("Choose at least one permission that you hold yourself.", field="scopes")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise Refusal(f"A key lasts from 1 to {MAX_DAYS} days.", field="days")
    if len(_LIST.rows(actor.account_id)) >= MAX_KEYS:
        raise Refusal(f"You have {MAX_KEYS} keys already. Revoke one first.", field="name")
    return issue(actor, Account.get_by_id(actor.account_id), label, wanted, days=days)


def issue(actor: Actor, account: Account, name: str, scopes: list[str], *, days: int | None = None) -> str:
    """Make a key for an account whose scopes were checked (or are an administrator's, on the command line)."""
    secret = keys.new_secret()
    expires = clock.now() + days * clock.DAY if days else None
    with transaction():
        row = ApiKey.create(
            account=account, name=name, secret_hash=keys.digest(secret), scopes=scopes, expires_at=expires
        )
        record("identity.api_key_created", actor=actor, obj_kind="api_key", obj_uid=row.uid, after={"scopes": scopes})
        emit(events.ApiKeyCreated(account=account.uid, key=row.uid, scopes=scopes), actor_id=account.id)
    return f"{KEY_PREFIX}{row.uid}_{secret}"


def listed(account_id: int) -> list[dict[str, Any]]:
    """The keys of an account, the newest first, without their secrets."""
    return [row | {"scopes": json.loads(row["scopes"])} for row in _LIST.rows(account_id)]


def revoke(actor: Actor, uid: str) -> None:
    """End one of the actor's keys. Raises NotFound for anybody else's."""
    assert actor.account_id is not None
    with transaction():
        if _DELETE.run(uid, actor.account_id) != 1:
            raise NotFound()
        account = Account.get_by_id(actor.account_id)
        record("identity.api_key_revoked", actor=actor, obj_kind="api_key", obj_uid=uid)
        emit(events.ApiKeyRevoked(account=account.uid, key=uid), actor_id=account.id)
