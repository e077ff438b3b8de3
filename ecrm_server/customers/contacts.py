"""Further e-mail addresses, phones and postal addresses. The main ones are facts of the row, see ``facts``."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.content.names import name_key
from ecrm_server.customers import facts, reading, removed, rows, telling, visibility
from ecrm_server.customers.changing import OF_THE_ACCOUNT
from ecrm_server.customers.facts import CUSTOMER, Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, NotFound, Refusal

KINDS = {"email": facts.email, "phone": facts.phone}
MAX = 50
"""Contact points, and addresses, of one customer."""

_COLUMNS = ("customer_id", "organisation_id")
_POINTS = {
    c: Prepared(f"SELECT uid, kind, value, label, version FROM contact_point WHERE {c} = ? ORDER BY id")
    for c in _COLUMNS
}
_KEYS = {
    c: Prepared(f"SELECT kind, value_key FROM contact_point WHERE {c} = ? AND uid <> ?") for c in _COLUMNS
}
_POINT = {
    c: Prepared(
        f"SELECT id, uid, kind, value, label, created_at, version FROM contact_point WHERE uid = ? AND {c} = ?",
        lock=True,
    )
    for c in _COLUMNS
}
_ADD_POINT = {
    c: Prepared(
        f"INSERT INTO contact_point (uid, {c}, kind, value, value_key, label, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    for c in _COLUMNS
}
_DROP_POINT = Prepared("DELETE FROM contact_point WHERE id = ?")
_CHANGE_POINT = Prepared(
    "UPDATE contact_point SET value = ?, value_key = ?, label = ?, version = version + 1 WHERE id = ?"
)
_SHOWN = "uid, label, street, postcode, city, region, country, main, version"
_ADDRESSES = {
    c: Prepared(f"SELECT {_SHOWN} FROM address WHERE {c} = ? ORDER BY main DESC, id") for c in _COLUMNS
}
_ADDRESS = {
    c: Prepared(f"SELECT id, {_SHOWN}, created_at FROM address WHERE uid = ? AND {c} = ?", lock=True)
    for c in _COLUMNS
}
_ADD_ADDRESS = {
    c: Prepared(
        f"INSERT INTO address (uid, {c}, label, street, postcode, city, region, country, main, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    for c in _COLUMNS
}
_CHANGE_ADDRESS = Prepared(
    "UPDATE address SET label = ?, street = ?, postcode = ?, city = ?, region = ?, country = ?, version = version + 1"
    " WHERE id = ?"
)
_NOT_MAIN = {c: Prepared(f"UPDATE address SET main = ? WHERE {c} = ? AND main") for c in _COLUMNS}
_MAIN = Prepared("UPDATE address SET main = ? WHERE id = ?")
_DROP_ADDRESS = Prepared("DELETE FROM address WHERE id = ?")
_OF_ADDRESS = ("label", *rows.ADDRESS)


def points(actor: Actor, subject: Subject, row_id: int) -> list[dict[str, Any]]:
    """The further e-mail addresses and phones that the actor may see: uid, kind, value, label, version."""
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
    shown, key = _read(kind, value)
    with transaction():
        if _check_new(subject, row, kind, key) >= MAX:
            raise Refusal(f"Keep at most {MAX}.")
        made = ids.public_id()
        _ADD_POINT[subject.column].run(made, row["id"], kind, shown, key, _label(label), clock.now())
        _tell(actor, subject, row, kind, after={"value": shown})
    return made


def point(actor: Actor, subject: Subject, uid: str, point: str) -> dict[str, Any]:
    """A further e-mail address or phone that the actor may change."""
    return _point(actor, subject, uid, point)[1]


def change_point(
    actor: Actor,
    subject: Subject,
    uid: str,
    point: str,
    *,
    value: str,
    label: str = "",
    version: int | None = None,
) -> None:
    """Change a further e-mail address or phone. Raises Conflict when somebody else changed it since ``version``."""
    with transaction():
        row, found = _point(actor, subject, uid, point)
        _check_version(found, version)
        shown, key = _read(found["kind"], value)
        _check_new(subject, row, found["kind"], key, point)
        before, after = (
            {"value": found["value"], "label": found["label"]},
            {"value": shown, "label": _label(label)},
        )
        if before != after:
            _CHANGE_POINT.run(shown, key, after["label"], found["id"])
            _tell(actor, subject, row, found["kind"], before, after)


def _read(kind: str, value: str) -> tuple[str, str]:
    try:
        return KINDS[kind](value)
    except ValueError as error:
        raise Refusal(str(error), field="value") from error


def _check_new(subject: Subject, row: dict[str, Any], kind: str, key: str, point: str = "") -> int:
    """Nothing stands on a page twice. Returns how many others there are than ``point``."""
    known = _KEYS[subject.column].tuples(row["id"], point)
    main = KINDS[kind](row[kind])[1] if row[kind] else None
    if key == main or (kind, key) in known:
        raise Refusal("This is there already.", field="value")
    return len(known)


def _check_version(found: dict[str, Any], version: int | None) -> None:
    if version is not None and found["version"] != version:
        raise Conflict("Somebody else changed this meanwhile. Look at it again before you save.")


def remove_point(actor: Actor, subject: Subject, uid: str, point: str) -> str:
    """Remove a further e-mail address or phone. Returns the id by which it is put back, for a day."""
    with transaction():
        row, found = _point(actor, subject, uid, point)
        _DROP_POINT.run(found["id"])
        _tell(actor, subject, row, found["kind"], before={"value": found["value"]})
        return removed.keep(actor, subject, row["id"], "contact", found)


def put_back_point(actor: Actor, subject: Subject, uid: str, data: dict[str, Any]) -> None:
    """Put back a removed e-mail address or phone, in the caller's transaction."""
    row = _editable(actor, subject, uid, [data["kind"]])
    shown, key = _read(data["kind"], data["value"])
    _check_new(subject, row, data["kind"], key)
    _ADD_POINT[subject.column].run(
        data["uid"], row["id"], data["kind"], shown, key, data["label"], data["created_at"]
    )
    _tell(actor, subject, row, data["kind"], after={"value": shown})


def make_main(actor: Actor, subject: Subject, uid: str, point: str) -> None:
    """Let a further one be the main one; the main one becomes a further one. The account decides its own address."""
    with transaction():
        row, found = _point(actor, subject, uid, point)
        kind = found["kind"]
        if subject is CUSTOMER and row["account_id"] is not None and kind in OF_THE_ACCOUNT:
            raise Refusal("The person changes the main address in the account.")
        if row[kind]:
            _CHANGE_POINT.run(*KINDS[kind](row[kind]), found["label"], found["id"])
        else:
            _DROP_POINT.run(found["id"])
        rows.save(subject, row["id"], rows.check(subject, {kind: found["value"]}))
        _tell(actor, subject, row, kind, before={"main": row[kind]}, after={"main": found["value"]})


def add_address(actor: Actor, subject: Subject, uid: str, *, label: str = "", **parts: str) -> str:
    """Add a postal address; the first one is the main one. parts: street, postcode, city, region, country."""
    row = _editable(actor, subject, uid, rows.ADDRESS)
    values = _parts(subject, label, parts)
    made = ids.public_id()
    with transaction():
        known = _ADDRESSES[subject.column].rows(row["id"])
        if len(known) >= MAX:
            raise Refusal(f"Keep at most {MAX}.")
        _ADD_ADDRESS[subject.column].run(made, row["id"], *values.values(), not known, clock.now())
        if not known:
            _copy(subject, row["id"], values["city"], values["country"])
        _tell(actor, subject, row, "addresses", after=values)
    return made


def _parts(subject: Subject, label: str, parts: dict[str, str]) -> dict[str, str]:
    checked = rows.check(subject, parts)
    values = {name: str(checked.address.get(name) or "") for name in rows.ADDRESS}
    if not any(values.values()):
        raise Refusal("Write an address first.", field="street")
    return {"label": _label(label), **values}


def address(actor: Actor, subject: Subject, uid: str, address: str) -> dict[str, Any]:
    """A postal address that the actor may change."""
    return _one_address(actor, subject, uid, address)[1]


def change_address(
    actor: Actor,
    subject: Subject,
    uid: str,
    address: str,
    *,
    label: str = "",
    version: int | None = None,
    **parts: str,
) -> None:
    """Change a postal address. Raises Conflict when somebody else changed it since ``version``."""
    values = _parts(subject, label, parts)
    with transaction():
        row, found = _one_address(actor, subject, uid, address)
        _check_version(found, version)
        before = {name: found[name] for name in _OF_ADDRESS}
        if before == values:
            return
        _CHANGE_ADDRESS.run(*values.values(), found["id"])
        if found["main"]:
            _copy(subject, row["id"], values["city"], values["country"])
        _tell(actor, subject, row, "addresses", before, values)


def remove_address(actor: Actor, subject: Subject, uid: str, address: str) -> str:
    """Remove a postal address; after the main one the next is the main one. Returns the id by which it is put back."""
    with transaction():
        row, found = _one_address(actor, subject, uid, address)
        _DROP_ADDRESS.run(found["id"])
        left = _ADDRESSES[subject.column].rows(row["id"])
        if found["main"]:
            if left:
                _set_main(subject, row["id"], left[0]["uid"])
            else:
                _copy(subject, row["id"], None, None)
        _tell(actor, subject, row, "addresses", before={name: found[name] for name in _OF_ADDRESS})
        return removed.keep(actor, subject, row["id"], "address", found)


def put_back_address(actor: Actor, subject: Subject, uid: str, data: dict[str, Any]) -> None:
    """Put back a removed postal address, in the caller's transaction; one that was the main one is so again."""
    row = _editable(actor, subject, uid, rows.ADDRESS)
    values = {name: data[name] for name in _OF_ADDRESS}
    _ADD_ADDRESS[subject.column].run(data["uid"], row["id"], *values.values(), False, data["created_at"])
    if data["main"]:
        _set_main(subject, row["id"], data["uid"])
    _tell(actor, subject, row, "addresses", after=values)


def make_main_address(actor: Actor, subject: Subject, uid: str, address: str) -> None:
    """Let another postal address be the main one."""
    with transaction():
        row, _ = _one_address(actor, subject, uid, address)
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
