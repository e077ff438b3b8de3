"""Who belongs to which organisation, as the pages of both sides show it and change it."""

from __future__ import annotations

from typing import Any

from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import finding, organisations, reading, removed, telling, visibility
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject, other_side
from ecrm_server.customers.reading import prepared
from ecrm_server.customers.visibility import EDIT, PRESENT
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import NotFound, Refusal

MOST = 500
FOUND = 10

_ONE = Prepared(
    "SELECT m.role, m.created_at, c.organisation_id = m.organisation_id AS main FROM membership m"
    " JOIN customer c ON c.id = m.customer_id WHERE m.organisation_id = ? AND m.customer_id = ?"
)
_SET_MAIN = Prepared("UPDATE customer SET organisation_id = ? WHERE id = ?")
_SINCE = Prepared("UPDATE membership SET created_at = ? WHERE organisation_id = ? AND customer_id = ?")


def of(actor: Actor, subject: Subject, row_id: int) -> list[dict[str, Any]]:
    """The other sides of one's memberships that the actor may see, by name, at most ``MOST``.

    uid, name, email, city, stage, kind (of organisations), role, joined_at, main: whether it is the person's main one.
    """
    them, seen = other_side(subject), visibility.scope(actor)
    person, kind = ("t", "NULL") if subject is ORGANISATION else ("c", "t.kind")
    rows = prepared(
        f"SELECT t.id, t.uid, t.name, t.email, t.city, t.stage, {kind} AS kind, m.role, m.created_at AS joined_at,"
        f" {person}.organisation_id = m.organisation_id AS main FROM membership m"
        f" JOIN {them.table} t ON t.id = m.{them.column} JOIN customer c ON c.id = m.customer_id"
        f" WHERE m.{subject.column} = ? AND {PRESENT} AND {seen.text} ORDER BY t.name_key, t.id LIMIT {MOST}"
    ).rows(row_id, *seen.params)
    return [visibility.without_hidden(actor, them, row) for row in rows]


def found(actor: Actor, subject: Subject, uid: str, q: str) -> list[dict[str, Any]]:
    """Who can be added: those the actor finds by a name, e-mail address, number or phone, and who are no member yet;
    at most ``FOUND`` and one more."""
    require(actor, EDIT)
    row, them = reading.one(actor, subject, uid), other_side(subject)
    hits = finding.find(them, q, actor, finding.MOST)
    known = dict(
        select_by_key(f"SELECT uid, id FROM {them.table} WHERE uid IN {{keys}}", [hit.uid for hit in hits])
    )
    mine = f"SELECT {them.column} FROM membership WHERE {subject.column} = ? AND {them.column} IN {{keys}}"
    members = {item[0] for item in select_by_key(mine, known.values(), row["id"])}
    return [
        {"uid": hit.uid, "name": hit.title, "about": hit.hint}
        for hit in hits
        if known[hit.uid] not in members
    ][: FOUND + 1]


def change_role(actor: Actor, organisation: str, customer: str, role: str) -> None:
    """Give a member another role. Raises NotFound for one who is none."""
    one(actor, organisation, customer)
    organisations.add_member(actor, organisation, customer, role)


def one(actor: Actor, organisation: str, customer: str) -> dict[str, Any]:
    """A membership: role, created_at, main. Raises NotFound."""
    firm, person = _both(actor, organisation, customer)
    known = _ONE.row(firm["id"], person["id"])
    if known is None:
        raise NotFound()
    return known


def make_main(actor: Actor, organisation: str, customer: str) -> None:
    """Let this be the organisation that the person mainly acts for."""
    firm, person = _both(actor, organisation, customer)
    with transaction():
        if _ONE.row(firm["id"], person["id"]) is None:
            raise NotFound()
        _SET_MAIN.run(firm["id"], person["id"])
        event = telling.changed(CUSTOMER, person["uid"], ["organisation"])
        telling.tell(actor, CUSTOMER, person["uid"], event, after={"organisation": firm["uid"]})


def end(actor: Actor, subject: Subject, organisation: str, customer: str) -> str:
    """End a membership, from the page of either side. Returns the id by which it can be put back."""
    firm, person = _both(actor, organisation, customer)
    with transaction():
        known = one(actor, organisation, customer)
        organisations.remove_member(actor, organisation, customer)
        data = known | {"organisation": firm["uid"], "customer": person["uid"], "main": bool(known["main"])}
        page = firm if subject is ORGANISATION else person
        return removed.keep(actor, subject, page["id"], "member", data)


def put_back(actor: Actor, data: dict[str, Any]) -> None:
    """Let somebody belong to an organisation again as before, in the caller's transaction."""
    firm, person = _both(actor, data["organisation"], data["customer"])
    if _ONE.row(firm["id"], person["id"]) is not None:
        raise Refusal("This person is a member again already.")
    organisations.add_member(actor, firm["uid"], person["uid"], data["role"])
    _SINCE.run(data["created_at"], firm["id"], person["id"])
    if data["main"]:
        _SET_MAIN.run(firm["id"], person["id"])


def _both(actor: Actor, organisation: str, customer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    require(actor, EDIT)
    return reading.organisation(actor, organisation), reading.customer(actor, customer)
