"""Customers: made, changed, found. Those of accounts are made when somebody registers."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.content import names
from ecrm_server.customers import events, listing
from ecrm_server.customers.models import STAGES
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.events import emit

READ, EDIT = "customers.read", "customers.edit"
ERASED = "Deleted person"

_SELECT = (
    "SELECT t.id, t.uid, t.name, t.email, t.account_id, t.organisation_id, t.stage, t.owner_id, t.created_at, t.demo,"
    " o.uid AS organisation_uid, o.name AS organisation_name, p.id AS profile_id, p.uid AS profile_uid, p.handle,"
    " p.avatar, w.uid AS owner_uid, w.name AS owner_name, a.last_seen_at"
    " FROM customer t LEFT JOIN organisation o ON o.id = t.organisation_id"
    " LEFT JOIN profile p ON p.account_id = t.account_id LEFT JOIN profile w ON w.account_id = t.owner_id"
    " LEFT JOIN account a ON a.id = t.account_id"
)
_ONE = Prepared(f"{_SELECT} WHERE t.uid = ?")
_OF_ACCOUNT = Prepared(f"{_SELECT} WHERE t.account_id = ?")
_INSERT = Prepared(
    "INSERT INTO customer (uid, name, name_key, email, email_key, account_id, organisation_id, stage, owner_id,"
    " created_at, demo) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?) ON CONFLICT (account_id) DO NOTHING"
)
_CHANGE = Prepared(
    "UPDATE customer SET name = ?, name_key = ?, email = ?, email_key = ?, stage = ?, owner_id = ? WHERE uid = ?"
)
_FOLLOW = Prepared(
    "UPDATE customer SET name = ?, name_key = ?, email = ?, email_key = ? WHERE account_id = ?"
    " AND (name <> ? OR email IS NULL OR email <> ?) RETURNING uid"
)
_ACCOUNT = Prepared(
    "SELECT a.email, a.email_key, a.created_at, a.demo, p.name FROM account a JOIN profile p ON p.account_id = a.id"
    " WHERE a.id = ? AND a.deleted_at IS NULL"
)
_OWNER = Prepared("SELECT account_id FROM profile WHERE uid = ? AND account_id IS NOT NULL")


def create(
    actor: Actor, name: str, *, email: str = "", stage: str = "lead", owner: str = "", demo: bool = False
) -> str:
    """Make a customer without an account. ``owner`` is the public id of a profile. Returns the customer's public id."""
    require(actor, EDIT)
    values = _checked(name, email, stage, owner)
    with transaction():
        uid = ids.public_id()
        _INSERT.run(
            uid, values["name"], names.name_key(values["name"]), values["email"], _key(values["email"]), None,
            values["stage"], values["owner_id"], clock.now(), demo,
        )  # fmt: skip
        record("customers.created", actor=actor, obj_kind="customer", obj_uid=uid, after=values)
        emit(events.CustomerCreated(customer=uid), actor_id=actor.account_id)
    return uid


def for_account(account_id: int) -> str | None:
    """The customer of an account, made when there is none yet; None when the account is gone. Idempotent."""
    with transaction():
        row = _ACCOUNT.row(account_id)
        if row is None:
            return None
        uid = ids.public_id()
        made = _INSERT.run(
            uid, row["name"], names.name_key(row["name"]), row["email"], row["email_key"], account_id, "lead", None,
            row["created_at"], bool(row["demo"]),
        )  # fmt: skip
        if made:
            emit(events.CustomerCreated(customer=uid), actor_id=account_id)
            return uid
    return str(of_account(account_id)["uid"])


def follow_account(account_id: int) -> None:
    """Take over an account's new name or e-mail address."""
    with transaction():
        row = _ACCOUNT.row(account_id)
        if row is None:
            return
        name, email = row["name"], row["email"]
        uid = _FOLLOW.value(name, names.name_key(name), email, row["email_key"], account_id, name, email)
        if uid is not None:
            emit(events.CustomerChanged(customer=uid), actor_id=account_id)


def change(
    actor: Actor, uid: str, *, name: str, email: str = "", stage: str = "lead", owner: str = ""
) -> None:
    """Change the facts about a customer. Name and e-mail address of one with an account stay the account's."""
    require(actor, EDIT)
    row = get(actor, uid)
    values = _checked(name, email, stage, owner)
    if row["account_id"] is not None:
        values["name"], values["email"] = row["name"], row["email"]
    before = {key: row[key] for key in values}
    if before == values:
        return
    with transaction():
        _CHANGE.run(
            values["name"], names.name_key(values["name"]), values["email"], _key(values["email"]), values["stage"],
            values["owner_id"], uid,
        )  # fmt: skip
        record(
            "customers.changed", actor=actor, obj_kind="customer", obj_uid=uid, before=before, after=values
        )
        emit(events.CustomerChanged(customer=uid), actor_id=actor.account_id)


def get(actor: Actor, uid: str) -> dict[str, Any]:
    """A customer as staff see it. Raises NotFound for everybody else, as for one that does not exist."""
    require(actor, READ, hidden=True)
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    return row


def of_account(account_id: int) -> dict[str, Any]:
    """The customer of an account. Raises NotFound while there is none."""
    row = _OF_ACCOUNT.row(account_id)
    if row is None:
        raise NotFound()
    return row


def page(actor: Actor, *, q: str = "", after: str = "") -> tuple[list[dict[str, Any]], str]:
    """Customers whose name or e-mail address contains ``q``, by name, and the cursor of the next page."""
    require(actor, READ)
    return listing.page("customer", _SELECT, matches="name_key email_key", q=q, after=after)


def _checked(name: str, email: str, stage: str, owner: str) -> dict[str, Any]:
    if not name.strip():
        raise Refusal("A name is needed.", field="name")
    if stage not in STAGES:
        raise Refusal("Choose one of the stages.", field="stage")
    owner_id = _OWNER.value(owner) if owner else None
    if owner and owner_id is None:
        raise Refusal("There is nobody with an account like this.", field="owner")
    return {"name": name.strip()[:160], "email": _email(email), "stage": stage, "owner_id": owner_id}


def _email(email: str) -> str | None:
    if not email.strip():
        return None
    try:
        names.email_key(email)
    except ValueError as error:
        raise Refusal(str(error), field="email") from error
    return email.strip()


def _key(email: str | None) -> str | None:
    return names.email_key(email) if email else None
