"""What hangs on a customer in this part, moved to another one and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key

_MOVED = ("contact_point", "address", "activity", "customer_removed")
_MOVE = {
    table: Prepared(f"UPDATE {table} SET customer_id = ? WHERE customer_id = ? RETURNING id")
    for table in _MOVED
}
_HAS_MAIN = Prepared("SELECT 1 FROM address WHERE customer_id = ? AND main")
_NO_MAIN = Prepared("UPDATE address SET main = ? WHERE customer_id = ? AND main RETURNING id")
_MAIN = Prepared("UPDATE address SET main = ? WHERE id = ?")
_PLACE = Prepared("SELECT city, country FROM address WHERE customer_id = ? AND main")
_ADD_POINT = Prepared(
    "INSERT INTO contact_point (uid, customer_id, kind, value, value_key, label, created_at)"
    " VALUES (?, ?, ?, ?, ?, '', ?) RETURNING id"
)
_DROP_POINT = Prepared("DELETE FROM contact_point WHERE id = ?")
_ADD_TAGS = Prepared(
    "INSERT INTO customer_tag (customer_id, tag) SELECT CAST(? AS INTEGER), x.tag FROM customer_tag x"
    " WHERE x.customer_id = ? AND NOT EXISTS (SELECT 1 FROM customer_tag y WHERE y.customer_id = ? AND y.tag = x.tag)"
    " RETURNING tag"
)
_DROP_TAG = Prepared("DELETE FROM customer_tag WHERE customer_id = ? AND tag = ?")
_ADD_CHOICES = Prepared(
    "INSERT INTO custom_choice (field_id, customer_id, choice) SELECT x.field_id, CAST(? AS INTEGER), x.choice"
    " FROM custom_choice x WHERE x.customer_id = ? AND NOT EXISTS (SELECT 1 FROM custom_choice y"
    " WHERE y.customer_id = ? AND y.field_id = x.field_id AND y.choice = x.choice) RETURNING id"
)
_DROP_CHOICE = Prepared("DELETE FROM custom_choice WHERE id = ?")
_MEMBERSHIPS = Prepared("SELECT organisation_id, role, created_at FROM membership WHERE customer_id = ?")
_LEAVE = Prepared("DELETE FROM membership WHERE customer_id = ? AND organisation_id = ?")
_JOIN = Prepared(
    "INSERT INTO membership (organisation_id, customer_id, role, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (organisation_id, customer_id) DO NOTHING"
)


def move(
    kept: int, merged: int, mine: Mapping[str, Any], theirs: Mapping[str, Any], take: Collection[str]
) -> dict[str, Any]:
    """Hang everything of one customer on the other. Returns what :func:`put_back` needs, as plain data.

    mine, theirs: the rows of the kept and the merged one. take: facts that the kept one takes from the other.
    """
    not_main = []
    if _HAS_MAIN.value(kept) is not None:
        not_main = [row[0] for row in _NO_MAIN.tuples(False, merged)]
    found: dict[str, Any] = {table: [row[0] for row in _MOVE[table].tuples(kept, merged)] for table in _MOVED}
    known = {row["organisation_id"] for row in _MEMBERSHIPS.rows(kept)}
    memberships = _MEMBERSHIPS.tuples(merged)
    for organisation, role, since in memberships:
        _LEAVE.run(merged, organisation)
        _JOIN.run(organisation, kept, role, since)
    return found | {
        "not_main": not_main,
        "points": _further(kept, mine, theirs, take),
        "tags": [row[0] for row in _ADD_TAGS.tuples(kept, merged, kept)],
        "choices": [row[0] for row in _ADD_CHOICES.tuples(kept, merged, kept)],
        "memberships": [list(row) for row in memberships],
        "joined": [row[0] for row in memberships if row[0] not in known],
    }


def _further(
    kept: int, mine: Mapping[str, Any], theirs: Mapping[str, Any], take: Collection[str]
) -> list[int]:
    """Keep the e-mail address and phone that will not be the main one as a further one."""
    made = []
    for kind in ("email", "phone"):
        key = f"{kind}_key"
        if mine[key] and theirs[key] and mine[key] != theirs[key]:
            left = mine if kind in take else theirs
            values = (ids.public_id(), kept, kind, left[kind], left[key], clock.now())
            made.append(int(_ADD_POINT.value(*values)))
    return made


def main_place(row_id: int) -> dict[str, Any]:
    """City and country of the main address, as the row carries them; nothing while there is no address."""
    from ecrm_server.content.names import name_key

    row = _PLACE.row(row_id)
    if row is None:
        return {}
    city = row["city"] or None
    return {"city": city, "city_key": name_key(city) if city else None, "country": row["country"] or None}


def put_back(kept: int, merged: int, moved: Mapping[str, Any]) -> None:
    """Hang back what was moved and is still there."""
    for table in _MOVED:
        _return(table, merged, kept, moved.get(table, ()))
    for row_id in moved["not_main"]:
        _MAIN.run(True, row_id)
    for row_id in moved["points"]:
        _DROP_POINT.run(row_id)
    for tag in moved["tags"]:
        _DROP_TAG.run(kept, tag)
    for row_id in moved["choices"]:
        _DROP_CHOICE.run(row_id)
    for organisation in moved["joined"]:
        _LEAVE.run(kept, organisation)
    for organisation, role, since in moved["memberships"]:
        _JOIN.run(organisation, merged, role, since)


def _return(table: str, to: int, away: int, row_ids: Sequence[int]) -> None:
    list(
        select_by_key(
            f"UPDATE {table} SET customer_id = ? WHERE customer_id = ? AND id IN {{keys}} RETURNING id",
            row_ids, to, away,
        )
    )  # fmt: skip
