"""Organisations and their members. Members see their own; for everybody else but staff there is nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.content import names
from ecrm_server.customers import changing, events, listing, reading, telling, visibility
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.services import EDIT, get
from ecrm_server.customers.visibility import EVERY_ROW
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal

_IS_MEMBER = (
    "EXISTS (SELECT 1 FROM membership m JOIN customer c ON c.id = m.customer_id"
    " WHERE m.organisation_id = t.id AND c.account_id = ?)"
)
_OWN = "t.id, t.uid, t.name, t.slug, t.kind, t.website, t.city, t.country, t.created_at, t.demo, t.version"
"""What members see of their organisation."""
_OF_MEMBER = Prepared(f"SELECT {_OWN} FROM organisation t WHERE t.uid = ? AND {_IS_MEMBER}")
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
_MEMBERS = (
    "SELECT t.uid, t.name, t.email, t.stage, t.account_id, m.role, m.created_at AS joined_at, p.uid AS profile_uid,"
    " p.handle, p.avatar FROM membership m JOIN customer t ON t.id = m.customer_id"
    " LEFT JOIN profile p ON p.account_id = t.account_id"
    " WHERE m.organisation_id = ? AND t.merged_into_id IS NULL AND {scope} ORDER BY t.name_key, t.id LIMIT 500"
)
_OF_CUSTOMER = Prepared(
    "SELECT o.uid, o.name, o.kind, m.role, m.created_at AS joined_at FROM membership m"
    " JOIN organisation o ON o.id = m.organisation_id WHERE m.customer_id = ? ORDER BY o.name_key, o.id"
)


def create(actor: Actor, name: str, kind: str = "customer", *, demo: bool = False, **facts: Any) -> str:
    """Make an organisation; ``facts`` by name. Returns its public id; see ``changing.make``."""
    return changing.make(actor, ORGANISATION, {"name": name, "kind": kind} | facts, demo=demo)


def change(actor: Actor, uid: str, *, version: int | None = None, **facts: Any) -> int:
    """Change facts by name. Returns the new version; see ``changing.change``."""
    return changing.change(actor, ORGANISATION, uid, version, facts)


def readable(actor: Actor, uid: str) -> dict[str, Any]:
    """An organisation as staff see it, or the little that its members see. Raises NotFound for another's."""
    if visibility.sees_any(actor):
        with suppress(NotFound):
            return reading.organisation(actor, uid) | {"full": True}
    uid = reading.kept(ORGANISATION, uid) or uid
    row = _OF_MEMBER.row(uid, actor.account_id) if actor.account_id is not None else None
    if row is None:
        raise NotFound()
    return row | {"full": False}


def page(actor: Actor, *, q: str = "", after: str = "") -> tuple[list[dict[str, Any]], str]:
    """The actor's organisations (for staff those they may see) by name, and the cursor of the next page."""
    condition = visibility.scope(actor)
    only, params = f"{visibility.PRESENT} AND ({condition.text} OR {_IS_MEMBER})", condition.params
    return listing.page(
        "organisation", f"SELECT {_OWN} FROM organisation t", matches="name_key", q=q, after=after, only=only,
        params=(*params, actor.account_id),
    )  # fmt: skip


def members(actor: Actor, uid: str) -> list[dict[str, Any]]:
    """The people of an organisation by name (at most 500): for staff those they may see, with e-mail addresses."""
    organisation = readable(actor, uid)
    seen = visibility.scope(actor) if organisation["full"] else EVERY_ROW
    found = reading.prepared(_MEMBERS.format(scope=seen.text)).rows(organisation["id"], *seen.params)
    if not organisation["full"] or "email" in visibility.hidden(actor, CUSTOMER):
        for row in found:
            row["email"] = None
    return found


def of_customer(customer_id: int) -> list[dict[str, Any]]:
    """The organisations a customer belongs to."""
    return _OF_CUSTOMER.rows(customer_id)


def named(actor: Actor, name: str) -> str:
    """The public id of the one organisation of this name (or public id). Raises Refusal for none and for several."""
    condition = visibility.scope(actor)
    found = reading.prepared(
        f"SELECT t.uid FROM organisation t WHERE (t.uid = ? OR t.name_key = ?) AND {visibility.PRESENT}"
        f" AND {condition.text} LIMIT 2"
    ).tuples(name, names.name_key(name), *condition.params)
    if not found:
        raise Refusal("There is no organisation of this name. Add it first.", field="organisation")
    if len(found) > 1:
        raise Refusal("There are several organisations of this name. Give its id.", field="organisation")
    return str(found[0][0])


def add_member(actor: Actor, uid: str, customer: str, role: str = "member") -> None:
    """Let a customer belong to an organisation, or change the role in it."""
    require(actor, EDIT)
    organisation, person = reading.organisation(actor, uid), get(actor, customer)
    if role not in ROLES:
        raise Refusal("A member is 'member' or 'admin'.", field="role")
    with transaction():
        _JOIN.run(organisation["id"], person["id"], role, clock.now())
        _SET_MAIN.run(organisation["id"], person["id"])
        added = events.MemberAdded(organisation=uid, customer=customer, role=role)
        telling.tell(actor, ORGANISATION, uid, added, after={"customer": customer, "role": role})


def remove_member(actor: Actor, uid: str, customer: str) -> None:
    """End a membership."""
    require(actor, EDIT)
    organisation, person = reading.organisation(actor, uid), get(actor, customer)
    with transaction():
        if not _LEAVE.run(organisation["id"], person["id"]):
            raise NotFound()
        _NEW_MAIN.run(person["id"], person["id"], organisation["id"])
        removed = events.MemberRemoved(organisation=uid, customer=customer)
        telling.tell(actor, ORGANISATION, uid, removed, before={"customer": customer})
