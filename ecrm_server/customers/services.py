"""Customers: made, changed, found. Those of accounts are made when somebody registers."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.content import names
from ecrm_server.customers import changing, claims, events, reading
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.visibility import EDIT, READ, READ_OWN, READ_TEAM
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.events import emit

__all__ = ["EDIT", "ERASED", "READ", "READ_OWN", "READ_TEAM"]

ERASED = "Deleted person"

_UID_OF_ACCOUNT = Prepared("SELECT uid FROM customer WHERE account_id = ?")
_FOR_ACCOUNT = Prepared(
    "INSERT INTO customer (uid, name, name_key, email, email_key, account_id, stage, source, created_at, updated_at,"
    " demo) VALUES (?, ?, ?, ?, ?, ?, 'lead', 'registration', ?, ?, ?) ON CONFLICT (account_id) DO NOTHING"
)
_FOLLOW = Prepared(
    "UPDATE customer SET name = ?, name_key = ?, email = ?, email_key = ?, version = version + 1, updated_at = ?"
    " WHERE account_id = ? AND (name <> ? OR email IS NULL OR email <> ?) RETURNING uid"
)
_ACCOUNT = Prepared(
    "SELECT a.email, a.email_key, a.created_at, a.demo, p.name FROM account a JOIN profile p ON p.account_id = a.id"
    " WHERE a.id = ? AND a.deleted_at IS NULL"
)


def create(actor: Actor, name: str, *, demo: bool = False, **facts: Any) -> str:
    """Make a customer without an account; ``facts`` by name. Returns its public id; see ``changing.make``."""
    return changing.make(actor, CUSTOMER, {"name": name} | facts, demo=demo)


def change(actor: Actor, uid: str, *, version: int | None = None, **facts: Any) -> int:
    """Change facts by name. Returns the new version; see ``changing.change``."""
    return changing.change(actor, CUSTOMER, uid, version, facts)


def for_account(account_id: int) -> str | None:
    """The customer of an account, made when there is none yet; None when the account is gone. Idempotent."""
    with transaction():
        row = _ACCOUNT.row(account_id)
        if row is None:
            return None
        claimed = claims.take(account_id)
        if claimed is not None:
            return claimed
        uid = ids.public_id()
        made = _FOR_ACCOUNT.run(
            uid, row["name"], names.name_key(row["name"]), row["email"], row["email_key"], account_id,
            row["created_at"], clock.now(), bool(row["demo"]),
        )  # fmt: skip
        if made:
            emit(events.CustomerCreated(customer=uid), actor_id=account_id)
            return uid
    return str(_UID_OF_ACCOUNT.value(account_id))


def follow_account(account_id: int) -> None:
    """Take over an account's new name or e-mail address."""
    with transaction():
        row = _ACCOUNT.row(account_id)
        if row is None:
            return
        name, email = row["name"], row["email"]
        uid = _FOLLOW.value(
            name, names.name_key(name), email, row["email_key"], clock.now(), account_id, name, email
        )
        if uid is not None:
            fields = ["email", "name"]
            emit(events.CustomerChanged(customer=uid, fields=fields), actor_id=account_id)


def get(actor: Actor, uid: str) -> dict[str, Any]:
    """A customer as the actor may see it; of a merged one, the customer it was merged into.

    Raises NotFound for everybody else, as for one that does not exist.
    """
    return reading.customer(actor, uid)


def of_account(account_id: int) -> dict[str, Any]:
    """The customer of an account. Raises NotFound while there is none."""
    uid = _UID_OF_ACCOUNT.value(account_id)
    row = reading.find(CUSTOMER, uid) if uid is not None else None
    if row is None:
        raise NotFound()
    return row
