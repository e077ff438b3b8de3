"""Further e-mail addresses, phones and postal addresses. The main ones are facts of the row, see ``facts``."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.content.names import name_key
from ecrm_server.customers import facts, reading, rows, telling, visibility
from ecrm_server.customers.changing import OF_THE_ACCOUNT
from ecrm_server.customers.facts import CUSTOMER, Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal

KINDS = {"email": facts.email, "phone": facts.phone}
MAX = 50
"""Contact points, and addresses, of one customer."""

_COLUMNS = ("customer_id", "organisation_id")
_POINTS = {
    c: Prepared(f"SELECT uid, kind, value, label FROM contact_point WHERE {c} = ? ORDER BY id")
    for c in _COLUMNS
}
_POINT = {
    c: Prepared(f"SELECT id, kind, value FROM contact_point WHERE uid = ? AND {c} = ?") for c in _COLUMNS
}
_ADD_POINT = {
    c: Prepared(
        f"INSERT INTO contact_point (uid, {c}, kind, value, value_key, label, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    for c in _COLUMNS
}
_DROP_POINT = Prepared("DELETE FROM contact_point WHERE id = ?")
_SWAP_POINT = Prepared("UPDATE contact_point SET value = ?, value_key = ? WHERE id = ?")
_ADDRESSES = {
    c: Prepared(
        f"SELECT uid, label, street, postcode, city, region, country, main FROM address WHERE {c} = ?"
        " ORDER BY main DESC, id"
    )
    for c in _COLUMNS
}
_ADDRESS = {
    c: Prepared(f"SELECT id, city, country, main FROM address WHERE uid = ? AND {c} = ?") for c in _COLUMNS
}
_ADD_ADDRESS = {
    c: Prepared(
        f"INSERT INTO address (uid, {c}, label, street, postcode, city, region, country, main, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    for c in _COLUMNS
}
_NOT_MAIN = {c: Prepared(f"UPDATE address SET main = ? WHERE {c} = ? AND main") for c in _COLUMNS}
_MAIN = Prepared("UPDATE address SET main = ? WHERE id = ?")
_DROP_ADDRESS = Prepared("DELETE FROM address WHERE id = ?")


def points(actor: Actor, subject: Subject, row_id: int) -> list[dict[str, Any]]:
    """The further e-mail addresses and phones that the actor may see: uid, kind, value, label."""
    hidden = visibility.hidden(actor, subject)
    return [row for row in _POINTS[subject.column].rows(row_id) if row["kind"] not in hidden]


def addresses(actor: Actor, subject: Subject, row_id: int) -> list[dict[str, Any]]:
    """The postal addresses, the main one first; what the actor may not read of them is empty."""
    hidden = visibility.hidden(actor, subject)
    found = _ADDRESSES[subject.column].rows(row_id)
    return [row | dict.fromkeys(hidden & set(rows.ADDRESS), "") for row in found]


def add_point(actor: Actor, subject: Subject, uid: str, *, kind: str, value: str, label: str = "") -> str:
    """Add a further e-mail address or phone. Returns its public id."""
    if kind not in KINDS:
        raise Refusal("Choose e-mail or phone.", field="kind")
    row = _editable(actor, subject, uid, [kind])
    try:
        shown, key = KINDS[kind](value)
    except ValueError as error:
        raise Refusal(str(error), field="value") from error
    if len(_POINTS[subject.column].rows(row["id"])) >= MAX:
        raise Refusal(f"Keep at most {MAX}.")
    made = ids.public_id()
    with transaction():
        _ADD_POINT[subject.column].run(made, row["id"], kind, shown, key, _label(label), clock.now())
        _tell(actor, subject, row, kind, after={"value": shown})
    return made


def remove_point(actor: Actor, subject: Subject, uid: str, point: str) -> None:
    """Remove a further e-mail address or phone."""
    row, found = _point(actor, subject, uid, point)
    with transaction():
        _DROP_POINT.run(found["id"])
        _tell(actor, subject, row, found["kind"], before={"value": found["value"]})


def make_main(actor: Actor, subject: Subject, uid: str, point: str) -> None:
    """Let a further one be the main one; the main one becomes a further one. The account decides its own address."""
    row, found = _point(actor, subject, uid, point)
    kind = found["kind"]
    if subject is CUSTOMER and row["account_id"] is not None and kind in OF_THE_ACCOUNT:
        raise Refusal("The person changes the main address in the account.")
    with transaction():
        if row[kind]:
            _SWAP_POINT.run(*KINDS[kind](row[kind]), found["id"])
        else:
            _DROP_POINT.run(found["id"])
        rows.save(subject, row["id"], rows.check(subject, {kind: found["value"]}))
        _tell(actor, subject, row, kind, before={"main": row[kind]}, after={"main": found["value"]})


def add_address(actor: Actor, subject: Subject, uid: str, *, label: str = "", **parts: str) -> str:
    """Add a postal address; the first one is the main one. parts: street, postcode, city, region, country."""
    row = _editable(actor, subject, uid, rows.ADDRESS)
    checked = rows.check(subject, parts)
    values = [checked.address.get(name) or "" for name in rows.ADDRESS]
    if not any(values):
        raise Refusal("Write an address first.", field="street")
    known = _ADDRESSES[subject.column].rows(row["id"])
    if len(known) >= MAX:
        raise Refusal(f"Keep at most {MAX}.")
    made = ids.public_id()
    with transaction():
        _ADD_ADDRESS[subject.column].run(
            made, row["id"], _label(label), *values, not known, clock.now()
        )  # fmt: skip
        if not known:
            _copy(subject, row["id"], checked.address.get("city"), checked.address.get("country"))
        _tell(actor, subject, row, "addresses", after=dict(zip(rows.ADDRESS, values, strict=True)))
    return made


def remove_address(actor: Actor, subject: Subject, uid: str, address: str) -> None:
    """Remove a postal address; after the main one the next is the main one."""
    row, found = _one_address(actor, subject, uid, address)
    with transaction():
        _DROP_ADDRESS.run(found["id"])
        left = _ADDRESSES[subject.column].rows(row["id"])
        if found["main"]:
            if left:
                _set_main(subject, row["id"], left[0]["uid"])
            else:
                _copy(subject, row["id"], None, None)
        _tell(actor, subject, row, "addresses", before={"address": address})


def make_main_address(actor: Actor, subject: Subject, uid: str, address: str) -> None:
    """Let another postal address be the main one."""
    row, _ = _one_address(actor, subject, uid, address)
    with transaction():
        _set_main(subject, row["id"], address)
        _tell(actor, subject, row, "addresses", after={"main": address})


def _set_main(subject: Subject, row_id: int, address: str) -> None:
    found = _ADDRESS[subject.column].row(address, row_id)
    assert found is not None
    _NOT_MAIN[subject.column].run(False, row_id)
    _MAIN.run(True, found["id"])
    _copy(subject, row_id, found["city"], found["country"])


def _copy(subject: Subject, row_id: int, city: str | None, country: str | None) -> None:
    columns = {"city": city or None, "city_key": name_key(city) if city else None, "country": country or None}
    rows.save(subject, row_id, rows.Checked(columns=columns))


def _editable(actor: Actor, subject: Subject, uid: str, names: Any) -> dict[str, Any]:
    require(actor, visibility.EDIT)
    row = reading.one(actor, subject, uid)
    visibility.require_editable(actor, subject, names)
    return row


def _point(actor: Actor, subject: Subject, uid: str, point: str) -> tuple[dict[str, Any], dict[str, Any]]:
    require(actor, visibility.EDIT)
    row = reading.one(actor, subject, uid)
    found = _POINT[subject.column].row(point, row["id"])
    if found is None or found["kind"] in visibility.hidden(actor, subject):
        raise NotFound()
    visibility.require_editable(actor, subject, [found["kind"]])
    return row, found


def _one_address(
    actor: Actor, subject: Subject, uid: str, address: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    row = _editable(actor, subject, uid, rows.ADDRESS)
    found = _ADDRESS[subject.column].row(address, row["id"])
    if found is None:
        raise NotFound()
    return row, found


def _label(label: str) -> str:
    return " ".join(label.split())[:40]


def _tell(
    actor: Actor, subject: Subject, row: dict[str, Any], field: str, before: Any = None, after: Any = None
) -> None:
    event = telling.changed(subject, row["uid"], [field])
    telling.tell(actor, subject, row["uid"], event, before=before, after=after)
