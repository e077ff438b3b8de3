"""Organisations and their members. Members see their own; for everybody else but staff there is nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import changing, events, listing, reading, telling, visibility
from ecrm_server.customers.facts import ORGANISATION
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.services import EDIT, get
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal

_IS_MEMBER = (
    "EXISTS (SELECT 1 FROM membership m JOIN customer c ON c.id = m.customer_id"
    " WHERE m.organisation_id = t.id AND c.account_id = ?)"
)
_OWN = "t.id, t.uid, t.name, t.slug, t.kind, t.created_at, t.demo"
"""What members see of their organisation."""
_OF_MEMBER = Prepared(f"SELECT {_OWN} FROM organisation t WHERE t.uid = ? AND {_IS_MEMBER}")
_JOIN = Prepared(
    "INSERT INTO membership (organisation_id, customer_id, role, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (organisation_id, customer_id) DO UPDATE SET role = excluded.role"
)
_ROLE = Prepared("SELECT role FROM membership WHERE organisation_id = ? AND customer_id = ?")
_LEAVE = Prepared("DELETE FROM membership WHERE organisation_id = ? AND customer_id = ?")
_SET_MAIN = Prepared("UPDATE customer SET organisation_id = ? WHERE id = ? AND organisation_id IS NULL")
_NEW_MAIN = Prepared(
    "UPDATE customer SET organisation_id = (SELECT organisation_id FROM membership WHERE customer_id = ?"
    " ORDER BY created_at LIMIT 1) WHERE id = ? AND organisation_id = ?"
)
_MEMBERS = Prepared(
    "SELECT t.uid, t.name, m.role, m.created_at AS joined_at, p.handle FROM membership m"
    " JOIN customer t ON t.id = m.customer_id LEFT JOIN profile p ON p.account_id = t.account_id"
    " WHERE m.organisation_id = ? AND t.merged_into_id IS NULL ORDER BY t.name_key, t.id LIMIT 500"
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
    """The people of an organisation by name (at most 500), as they see each other; for staff see ``memberships``."""
    return _MEMBERS.rows(readable(actor, uid)["id"])


def add_member(actor: Actor, uid: str, customer: str, role: str = "member") -> None:
    """Let a customer belong to an organisation, or change the role in it."""
    require(actor, EDIT)
    organisation, person = reading.organisation(actor, uid), get(actor, customer)
    if role not in ROLES:
        raise Refusal("A member is 'member' or 'admin'.", field="role")
    with transaction():
        before = _ROLE.value(organisation["id"], person["id"])
        if before == role:
            return
        _JOIN.run(organisation["id"], person["id"], role, clock.now())
        _SET_MAIN.run(organisation["id"], person["id"])
        member = {"customer": person["uid"]}
        telling.tell(
            actor, ORGANISATION, organisation["uid"],
            events.MemberAdded(organisation=organisation["uid"], customer=person["uid"], role=role),
            before=member | {"role": before} if before else None, after=member | {"role": role},
        )  # fmt: skip


def remove_member(actor: Actor, uid: str, customer: str) -> None:
    """End a membership."""
    require(actor, EDIT)
    organisation, person = reading.organisation(actor, uid), get(actor, customer)
    with transaction():
        if not _LEAVE.run(organisation["id"], person["id"]):
            raise NotFound()
        _NEW_MAIN.run(person["id"], person["id"], organisation["id"])
        event = events.MemberRemoved(organisation=organisation["uid"], customer=person["uid"])
        telling.tell(actor, ORGANISATION, organisation["uid"], event, before={"customer": person["uid"]})
