"""Organisations and their members. Members see their own; for everybody else but staff there is nothing."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.content import names
from ecrm_server.customers import events, listing
from ecrm_server.customers.models import KINDS, ROLES
from ecrm_server.customers.services import EDIT, READ, get
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.events import emit

_SELECT = "SELECT t.id, t.uid, t.name, t.slug, t.kind, t.created_at, t.demo FROM organisation t"
_ONE = Prepared(f"{_SELECT} WHERE t.uid = ?")
_IS_MEMBER = (
    "EXISTS (SELECT 1 FROM membership m JOIN customer c ON c.id = m.customer_id"
    " WHERE m.organisation_id = t.id AND c.account_id = ?)"
)
_OWN = Prepared(f"{_SELECT} WHERE t.uid = ? AND {_IS_MEMBER}")
_INSERT = Prepared(
    "INSERT INTO organisation (uid, name, name_key, slug, kind, created_at, demo) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (slug) DO NOTHING"
)
_CHANGE = Prepared("UPDATE organisation SET name = ?, name_key = ?, kind = ? WHERE uid = ?")
_JOIN = Prepared(
    "INSERT INTO membership (organisation_id, customer_id, role, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (organisation_id, customer_id) DO UPDATE SET role = excluded.role"
)
_LEAVE = Prepared("DELETE FROM membership WHERE organisation_id = ? AND customer_id = ?")
_SET_MAIN = Prepared("UPDATE customer SET organisation_id = ? WHERE id = ? AND organisation_id IS NULL")
_NEW_MAIN = Prepared(
    "UPDATE customer SET organisation_id = (SELECT organisation_id FROM membership WHERE customer_id = ?"
    " ORDER BY created_at LIMIT 1) WHERE id = ? AND organisation_id = ?"
)
_MEMBERS = Prepared(
    "SELECT c.uid, c.name, c.email, c.account_id, m.role, m.created_at AS joined_at, p.uid AS profile_uid, p.handle,"
    " p.avatar FROM membership m JOIN customer c ON c.id = m.customer_id"
    " LEFT JOIN profile p ON p.account_id = c.account_id"
    " WHERE m.organisation_id = ? ORDER BY c.name_key, c.id LIMIT 500"
)
_OF_CUSTOMER = Prepared(
    "SELECT o.uid, o.name, o.kind, m.role, m.created_at AS joined_at FROM membership m"
    " JOIN organisation o ON o.id = m.organisation_id WHERE m.customer_id = ? ORDER BY o.name_key, o.id"
)


def create(actor: Actor, name: str, kind: str = "customer", *, demo: bool = False) -> str:
    """Make an organisation. Returns its public id."""
    require(actor, EDIT)
    name = _checked(name, kind)
    uid, slug = ids.public_id(), names.slugify(name, fallback="organisation")
    with transaction():
        values = (name, names.name_key(name))
        if not _INSERT.run(uid, *values, slug, kind, clock.now(), demo):
            # The name is taken already: the address says so, the name may well be another firm's.
            _INSERT.run(uid, *values, f"{slug[:60]}-{uid.lower()}", kind, clock.now(), demo)
        record(
            "customers.organisation_created",
            actor=actor,
            obj_kind="organisation",
            obj_uid=uid,
            after={"name": name, "kind": kind},
        )
        emit(events.OrganisationCreated(organisation=uid), actor_id=actor.account_id)
    return uid


def change(actor: Actor, uid: str, *, name: str, kind: str) -> None:
    """Change an organisation's name or kind."""
    require(actor, EDIT)
    row = readable(actor, uid)
    name = _checked(name, kind)
    before, after = {"name": row["name"], "kind": row["kind"]}, {"name": name, "kind": kind}
    if before == after:
        return
    with transaction():
        _CHANGE.run(name, names.name_key(name), kind, uid)
        record(
            "customers.organisation_changed",
            actor=actor,
            obj_kind="organisation",
            obj_uid=uid,
            before=before,
            after=after,
        )
        emit(events.OrganisationChanged(organisation=uid), actor_id=actor.account_id)


def readable(actor: Actor, uid: str) -> dict[str, Any]:
    """An organisation that the actor belongs to, or any for staff. Raises NotFound for another's."""
    if actor.may(READ):
        row = _ONE.row(uid)
    else:
        row = _OWN.row(uid, actor.account_id) if actor.account_id is not None else None
    if row is None:
        raise NotFound()
    return row


def page(actor: Actor, *, q: str = "", after: str = "") -> tuple[list[dict[str, Any]], str]:
    """The actor's organisations (all of them for staff) by name, and the cursor of the next page."""
    only, params = ("", ()) if actor.may(READ) else (_IS_MEMBER, (actor.account_id,))
    return listing.page(
        "organisation", _SELECT, matches="name_key", q=q, after=after, only=only, params=params
    )


def members(actor: Actor, uid: str) -> list[dict[str, Any]]:
    """The people of an organisation by name (at most 500). E-mail addresses only for staff."""
    rows = _MEMBERS.rows(readable(actor, uid)["id"])
    if not actor.may(READ):
        for row in rows:
            row["email"] = None
    return rows


def of_customer(customer_id: int) -> list[dict[str, Any]]:
    """The organisations a customer belongs to."""
    return _OF_CUSTOMER.rows(customer_id)


def add_member(actor: Actor, uid: str, customer: str, role: str = "member") -> None:
    """Let a customer belong to an organisation, or change the role in it."""
    require(actor, EDIT)
    organisation, person = readable(actor, uid), get(actor, customer)
    if role not in ROLES:
        raise Refusal("A member is 'member' or 'admin'.", field="role")
    with transaction():
        _JOIN.run(organisation["id"], person["id"], role, clock.now())
        _SET_MAIN.run(organisation["id"], person["id"])
        record(
            "customers.member_added",
            actor=actor,
            obj_kind="organisation",
            obj_uid=uid,
            after={"customer": customer, "role": role},
        )
        emit(events.MemberAdded(organisation=uid, customer=customer, role=role), actor_id=actor.account_id)


def remove_member(actor: Actor, uid: str, customer: str) -> None:
    """End a membership."""
    require(actor, EDIT)
    organisation, person = readable(actor, uid), get(actor, customer)
    with transaction():
        if not _LEAVE.run(organisation["id"], person["id"]):
            raise NotFound()
        _NEW_MAIN.run(person["id"], person["id"], organisation["id"])
        record(
            "customers.member_removed",
            actor=actor,
            obj_kind="organisation",
            obj_uid=uid,
            before={"customer": customer},
        )
        emit(events.MemberRemoved(organisation=uid, customer=customer), actor_id=actor.account_id)


def _checked(name: str, kind: str) -> str:
    if not name.strip():
        raise Refusal("A name is needed.", field="name")
    if kind not in KINDS:
        raise Refusal("Choose one of the kinds.", field="kind")
    return name.strip()[:160]
