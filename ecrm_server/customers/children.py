"""What hangs on a customer or an organisation in this part, moved to another one and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.content.names import name_key
from ecrm_server.customers import visibility
from ecrm_server.customers.facts import ORGANISATION, Subject, other_side
from ecrm_server.customers.reading import prepared
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key

FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "customer": ("contact_point", "address", "activity", "customer_removed"),
    "organisation": ("contact_point", "address", "activity", "customer_removed", "account_plan", "customer"),
}
"""Tables whose rows point to one of a subject and simply follow it. Of people it is their main organisation."""

_DROP_POINT = Prepared("DELETE FROM contact_point WHERE id = ? AND value_key = ?")
_DROP_CHOICE = Prepared("DELETE FROM custom_choice WHERE id = ?")


def move(
    subject: Subject, kept: Mapping[str, Any], merged: Mapping[str, Any], take: Collection[str]
) -> dict[str, Any]:
    """Hang everything of one on the other. Returns what :func:`put_back` needs, as plain data.

    kept, merged: the rows. take: facts that the kept one takes from the other.
    """
    own, to, away = subject.column, kept["id"], merged["id"]
    not_main = []
    if prepared(f"SELECT 1 FROM address WHERE {own} = ? AND main").value(to) is not None:
        no_main = prepared(f"UPDATE address SET main = ? WHERE {own} = ? AND main RETURNING id")
        not_main = [row[0] for row in no_main.tuples(False, away)]
    return {
        table: [
            row[0]
            for row in prepared(f"UPDATE {table} SET {own} = ? WHERE {own} = ? RETURNING id").tuples(to, away)
        ]
        for table in FOLLOWING[subject.name]
    } | {
        "not_main": not_main,
        "points": _further(subject, kept, merged, take),
        "tags": _add_tags(subject, to, away),
        "choices": _add_choices(subject, to, away),
        **_move_memberships(subject, to, away),
    }


def _further(
    subject: Subject, kept: Mapping[str, Any], merged: Mapping[str, Any], take: Collection[str]
) -> list[tuple[int, str]]:
    """Keep the e-mail address and phone that will not be the main one as a further one."""
    add = prepared(
        f"INSERT INTO contact_point (uid, {subject.column}, kind, value, value_key, label, created_at)"
        " VALUES (?, ?, ?, ?, ?, '', ?) RETURNING id"
    )
    made = []
    for kind in ("email", "phone"):
        key = f"{kind}_key"
        if kept[key] and merged[key] and kept[key] != merged[key]:
            left = kept if kind in take else merged
            row_id = add.value(ids.public_id(), kept["id"], kind, left[kind], left[key], clock.now())
            made.append((int(row_id), str(left[key])))
    return made


def _add_tags(subject: Subject, to: int, away: int) -> list[str]:
    tags, own = f"{subject.table}_tag", subject.column
    added = prepared(
        f"INSERT INTO {tags} ({own}, tag) SELECT CAST(? AS INTEGER), x.tag FROM {tags} x WHERE x.{own} = ?"
        f" AND NOT EXISTS (SELECT 1 FROM {tags} y WHERE y.{own} = ? AND y.tag = x.tag) RETURNING tag"
    )
    return [row[0] for row in added.tuples(to, away, to)]


def _add_choices(subject: Subject, to: int, away: int) -> list[int]:
    own = subject.column
    added = prepared(
        f"INSERT INTO custom_choice (field_id, {own}, choice) SELECT x.field_id, CAST(? AS INTEGER), x.choice"
        f" FROM custom_choice x WHERE x.{own} = ? AND NOT EXISTS (SELECT 1 FROM custom_choice y"
        f" WHERE y.{own} = ? AND y.field_id = x.field_id AND y.choice = x.choice) RETURNING id"
    )
    return [row[0] for row in added.tuples(to, away, to)]


def _memberships(subject: Subject, row_id: int) -> dict[int, tuple[str, int]]:
    """Other side -> role and since when."""
    rows = prepared(
        f"SELECT {other_side(subject).column}, role, created_at FROM membership WHERE {subject.column} = ?"
    )
    return {row[0]: (row[1], row[2]) for row in rows.tuples(row_id)}


def _set_membership(subject: Subject, row_id: int, member: int, role: str, since: int) -> None:
    prepared(
        f"INSERT INTO membership ({subject.column}, {other_side(subject).column}, role, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (organisation_id, customer_id) DO UPDATE SET role = excluded.role,"
        " created_at = excluded.created_at"
    ).run(row_id, member, role, since)


def _end_memberships(subject: Subject, row_id: int, others: Collection[int]) -> None:
    own, column = subject.column, other_side(subject).column
    list(select_by_key(
        f"DELETE FROM membership WHERE {own} = ? AND {column} IN {{keys}} RETURNING {column}", others, row_id
    ))  # fmt: skip


def _move_memberships(subject: Subject, to: int, away: int) -> dict[str, Any]:
    """Two memberships become one: with the wider role, since the earlier day."""
    mine, theirs = _memberships(subject, to), _memberships(subject, away)
    _end_memberships(subject, away, theirs)
    joint = []
    for member, (role, since) in theirs.items():
        before = mine.get(member, (role, since))
        after = ("admin" if "admin" in (role, before[0]) else role, min(since, before[1]))
        if member not in mine or after != before:
            _set_membership(subject, to, member, *after)
        joint.append((member, (role, since), mine.get(member), after))
    return {"memberships": joint}


def _part_memberships(subject: Subject, kept: int, merged: int, joint: Collection[Any]) -> None:
    """What somebody ended since stays ended, and what was changed since stays as it is now."""
    now = _memberships(subject, kept)
    there = [item for item in joint if item[0] in now]
    _end_memberships(subject, kept, [member for member, _, mine, _ in there if mine is None])
    for member, theirs, mine, after in there:
        unchanged = now[member] == tuple(after)
        _set_membership(subject, merged, member, *(theirs if unchanged or mine else now[member]))
        if mine and unchanged:
            _set_membership(subject, kept, member, *mine)


def others(moved: Mapping[str, Any]) -> set[int]:
    """Those on the other side of what was moved: whose memberships, or whose main organisation."""
    return {item[0] for item in moved["memberships"]} | set(moved.get("customer", ()))


def put_back(subject: Subject, kept: int, merged: int, moved: Mapping[str, Any]) -> None:
    """Hang back what was moved and is still there."""
    own = subject.column
    for table in FOLLOWING[subject.name]:
        text = f"UPDATE {table} SET {own} = ? WHERE {own} = ? AND id IN {{keys}} RETURNING id"
        list(select_by_key(text, moved[table], merged, kept))
    # Answers that came meanwhile belong to the mail that they answer.
    prepared(
        f"UPDATE activity SET {own} = ? WHERE {own} = ? AND thread_id IN (SELECT id FROM activity WHERE {own} = ?)"
    ).run(merged, kept, merged)
    for row_id in moved["not_main"]:
        prepared(f"UPDATE address SET main = ? WHERE {own} = ? AND main").run(False, merged)
        prepared(f"UPDATE address SET main = ? WHERE {own} = ? AND id = ?").run(True, merged, row_id)
    for row_id, key in moved["points"]:
        _DROP_POINT.run(row_id, key)
    drop_tag = prepared(f"DELETE FROM {subject.table}_tag WHERE {own} = ? AND tag = ?")
    for tag in moved["tags"]:
        drop_tag.run(kept, tag)
    for row_id in moved["choices"]:
        _DROP_CHOICE.run(row_id)
    _part_memberships(subject, kept, merged, moved["memberships"])
    for row_id in (kept, merged):
        _have_main(subject, row_id)


def _have_main(subject: Subject, row_id: int) -> None:
    """Make the first address the main one where the main one went back."""
    prepared(
        f"UPDATE address SET main = ? WHERE id = (SELECT MIN(id) FROM address WHERE {subject.column} = ?)"
        f" AND NOT EXISTS (SELECT 1 FROM address m WHERE m.{subject.column} = ? AND m.main)"
    ).run(True, row_id, row_id)


def choose_main_organisations(people: Collection[int]) -> None:
    """Give those whose main organisation is none of theirs the one that they have belonged to for longest."""
    text = (
        "UPDATE customer SET organisation_id = (SELECT m.organisation_id FROM membership m"
        " WHERE m.customer_id = customer.id ORDER BY m.created_at, m.organisation_id LIMIT 1)"
        " WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.customer_id = customer.id"
        " AND m.organisation_id = customer.organisation_id) AND id IN {keys} RETURNING id"
    )
    list(select_by_key(text, people))


def main_place(subject: Subject, row_id: int) -> dict[str, Any]:
    """City and country of the main address, as the row carries them; empty while there is no address."""
    row = prepared(f"SELECT city, country FROM address WHERE {subject.column} = ? AND main").row(row_id)
    city, country = (row["city"] or None, row["country"] or None) if row else (None, None)
    return {"city": city, "city_key": name_key(city) if city else None, "country": country}


def counts(actor: Actor, subject: Subject, row_id: int) -> dict[str, int]:
    """How much hangs on one, of what the actor may see: ``members``, ``activities``, and of organisations ``plans``."""
    members, seen = other_side(subject), visibility.scope(actor)
    return {
        "members": int(
            prepared(
                f"SELECT COUNT(*) FROM membership m JOIN {members.table} t ON t.id = m.{members.column}"
                f" WHERE m.{subject.column} = ? AND {visibility.PRESENT} AND {seen.text}"
            ).value(row_id, *seen.params)
        ),
        "activities": int(
            prepared(f"SELECT COUNT(*) FROM activity WHERE {subject.column} = ?").value(row_id)
        ),
    } | (
        {"plans": int(prepared("SELECT COUNT(*) FROM account_plan WHERE organisation_id = ?").value(row_id))}
        if subject is ORGANISATION
        else {}
    )
