"""Reading and writing the facts of one customer or organisation, in the caller's transaction."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import peewee

from ecrm_server import clock, ids
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import Fact, Subject
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import Conflict, Refusal

ADDRESS = ("street", "postcode", "city", "region", "country")


class NumberTaken(Conflict):
    """Another one has the number, who need not be one that the editor sees."""

    def __init__(self, name: str = "") -> None:
        super().__init__(f"{name or 'Another one'} has this number already.", field="number")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was entered, ready to be stored. Only what was given is in it.

    columns: column -> value. address: part of the main address -> value. sets: (fact, members).
    """

    columns: dict[str, Any] = field(default_factory=dict)
    address: dict[str, Any] = field(default_factory=dict)
    sets: list[tuple[Fact, tuple[str, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a change came to: the new version, and the changed facts as they were and are, by name."""

    version: int
    before: dict[str, Any]
    after: dict[str, Any]


def check(subject: Subject, values: Mapping[str, Any]) -> Checked:
    """Check what was entered. Raises Refusal with a sentence for each fault."""
    known, found, errors = all_facts(subject.name), Checked(), {}
    for name, value in values.items():
        fact = known.get(name)
        if fact is None:
            errors[name] = ["There is no such field."]
            continue
        try:
            read = fact.values(value)
        except ValueError as error:
            errors[name] = [str(error)]
            continue
        if fact.kind == "set":
            found.sets.append((fact, read))
        found.columns.update(zip(fact.columns, read, strict=False))
        if fact.main_address:
            found.address[name] = read[0]
    if errors:
        first = next(iter(errors))
        message = errors[first][0] if len(errors) == 1 else "Please look at the marked fields."
        raise Refusal(message, field=first, errors=errors)
    return found


@functools.cache
def _insert(table: str, columns: tuple[str, ...]) -> Prepared:
    marks = ", ".join("?" * len(columns))
    return Prepared(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING id")


@functools.cache
def _update(table: str, columns: tuple[str, ...]) -> Prepared:
    assignments = "".join(f"{column} = ?, " for column in columns)
    return Prepared(
        f"UPDATE {table} SET {assignments}version = version + 1, updated_at = ? WHERE id = ? RETURNING version"
    )


@functools.cache
def _select(table: str, columns: tuple[str, ...]) -> Prepared:
    return Prepared(
        f"SELECT version{''.join(f', {c}' for c in columns)} FROM {table} WHERE id = ?", lock=True
    )


def insert(subject: Subject, checked: Checked, **more: Any) -> int:
    """Store a new row; ``more`` are further columns. Returns its key. Raises Conflict for a number that is taken."""
    now = clock.now()
    columns = {"created_at": now} | checked.columns | more | {"updated_at": now}
    _check_number(subject, columns.get("number_key"), 0)
    try:
        row_id = int(_insert(subject.table, tuple(columns)).value(*columns.values()))
    except peewee.IntegrityError as error:
        raise NumberTaken() from error
    if any(value for value in checked.address.values()):
        _save_address(subject, row_id, checked.address)
    for fact, members in checked.sets:
        save_set(subject, row_id, fact, members)
    return row_id


def save(subject: Subject, row_id: int, checked: Checked, version: int | None = None) -> Saved:
    """Store a change. Nothing is written, and the version stays, where nothing changes.

    version: the one that the editor saw. Raises Conflict when the row has another by now.
    """
    columns = tuple(checked.columns)
    row = _select(subject.table, columns).row(row_id)
    if row is None or (version is not None and row["version"] != version):
        raise Conflict("Somebody else changed this meanwhile. Look at it again before you save.")
    changed = {name: value for name, value in checked.columns.items() if row[name] != value}
    before = {name: row[name] for name in changed if not name.endswith("_key")}
    after = {name: value for name, value in changed.items() if not name.endswith("_key")}
    for old, new in _parts(subject, row_id, checked):
        before |= old
        after |= new
    if not after:
        return Saved(row["version"], {}, {})
    _check_number(subject, changed.get("number_key"), row_id)
    try:
        new = _update(subject.table, tuple(changed)).value(*changed.values(), clock.now(), row_id)
    except peewee.IntegrityError as error:
        raise NumberTaken() from error
    return Saved(int(new), before, after)


def _parts(
    subject: Subject, row_id: int, checked: Checked
) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Store what stands in rows of its own; yields what changed, before and after."""
    if checked.address:
        old = _save_address(subject, row_id, checked.address)
        own = [name for name in checked.address if name not in ("city", "country")]
        changed = [name for name in own if (old.get(name) or "") != (checked.address[name] or "")]
        yield {name: old.get(name) for name in changed}, {name: checked.address[name] for name in changed}
    for fact, members in checked.sets:
        known = members_of(subject, row_id, fact)
        if known != members:
            save_set(subject, row_id, fact, members)
            yield {fact.name: list(known)}, {fact.name: list(members)}


_TAKEN = {
    name: Prepared(f"SELECT uid FROM {name} WHERE number_key = ? AND id <> ?")
    for name in ("customer", "organisation")
}


def _check_number(subject: Subject, key: str | None, row_id: int) -> None:
    if key is None:
        return
    if _TAKEN[subject.name].value(key, row_id) is not None:
        raise NumberTaken()


_MAIN = {
    column: Prepared(
        f"SELECT id, street, postcode, city, region, country FROM address WHERE {column} = ? AND main"
    )
    for column in ("customer_id", "organisation_id")
}
_NEW_ADDRESS = {
    column: Prepared(
        f"INSERT INTO address (uid, {column}, label, street, postcode, city, region, country, main, created_at)"
        " VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?)"
    )
    for column in ("customer_id", "organisation_id")
}
_CHANGE_ADDRESS = Prepared(
    "UPDATE address SET street = ?, postcode = ?, city = ?, region = ?, country = ?, version = version + 1"
    " WHERE id = ?"
)
_DROP_ADDRESS = Prepared("DELETE FROM address WHERE id = ?")


def _save_address(subject: Subject, row_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Put parts into the main address. Returns the whole as it was before."""
    row = _MAIN[subject.column].row(row_id)
    old = {name: (row or {}).get(name) or "" for name in ADDRESS}
    new = [(given[name] or "") if name in given else old[name] for name in ADDRESS]
    if row is None and any(new):
        _NEW_ADDRESS[subject.column].run(ids.public_id(), row_id, *new, True, clock.now())
    elif row is not None and not any(new):
        _DROP_ADDRESS.run(row["id"])
    elif row is not None and new != list(old.values()):
        _CHANGE_ADDRESS.run(*new, row["id"])
    return old


@functools.cache
def _set_statements(subject: Subject, custom: bool) -> tuple[Prepared, Prepared, Prepared]:
    """Read, clear and fill the members of a set; tags take (row), custom choices (row, field)."""
    column = subject.column
    if not custom:
        table = f"{subject.table}_tag"
        return (
            Prepared(f"SELECT tag FROM {table} WHERE {column} = ? ORDER BY tag"),
            Prepared(f"DELETE FROM {table} WHERE {column} = ?"),
            Prepared(f"INSERT INTO {table} ({column}, tag) VALUES (?, ?)"),
        )
    return (
        Prepared(f"SELECT choice FROM custom_choice WHERE {column} = ? AND field_id = ? ORDER BY choice"),
        Prepared(f"DELETE FROM custom_choice WHERE {column} = ? AND field_id = ?"),
        Prepared(f"INSERT INTO custom_choice ({column}, field_id, choice) VALUES (?, ?, ?)"),
    )


def members_of(subject: Subject, row_id: int, fact: Fact) -> tuple[str, ...]:
    """The members of a set: tags, or several choices."""
    where = (row_id, fact.field_id) if fact.custom else (row_id,)
    found = [str(row[0]) for row in _set_statements(subject, fact.custom)[0].tuples(*where)]
    return tuple(sorted(found))


def save_set(subject: Subject, row_id: int, fact: Fact, members: Iterable[str]) -> None:
    """Give a set exactly these members."""
    where = (row_id, fact.field_id) if fact.custom else (row_id,)
    _, clear, add = _set_statements(subject, fact.custom)
    clear.run(*where)
    for member in members:
        add.run(*where, member)


def inside(subject: Subject, row_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What stands in rows of its own, by row: parts of the main address, tags, several choices."""
    sets = [fact for fact in all_facts(subject.name).values() if fact.kind == "set"]
    empty = dict.fromkeys((*(fact.name for fact in sets), "street", "postcode", "region"))
    found: dict[int, dict[str, Any]] = {row_id: dict(empty) for row_id in row_ids}
    column = subject.column
    for row_id, street, postcode, region in select_by_key(
        f"SELECT {column}, street, postcode, region FROM address WHERE main AND {column} IN {{keys}}", row_ids
    ):
        found[row_id] |= {"street": street or None, "postcode": postcode or None, "region": region or None}
    for row_id, tag in select_by_key(
        f"SELECT {column}, tag FROM {subject.table}_tag WHERE {column} IN {{keys}} ORDER BY tag", row_ids
    ):
        found[row_id]["tags"] = [*(found[row_id]["tags"] or ()), tag]
    for fact in (fact for fact in sets if fact.custom):
        for row_id, choice in select_by_key(
            f"SELECT {column}, choice FROM custom_choice WHERE field_id = ? AND {column} IN {{keys}} ORDER BY choice",
            row_ids, fact.field_id,
        ):  # fmt: skip
            found[row_id][fact.name] = [*(found[row_id][fact.name] or ()), choice]
    return found


def values(subject: Subject, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Name -> value of rows that were read by ``reading``, with what stands in rows of its own.

    Of sets and addresses that are hidden from the reader nothing is there; other hidden facts are None.
    """
    known = all_facts(subject.name)
    stored = inside(subject, [row["id"] for row in found])
    told = []
    for row in found:
        hidden = row.get("hidden", frozenset())
        one = {name: row[name] for name in known if name in row}
        one |= {"owner": row["owner_uid"], "team": row["team_uid"]}
        one |= {
            name: ([] if value is None else value) if known[name].kind == "set" else value
            for name, value in stored[row["id"]].items()
            if name not in hidden
        }
        told.append(one)
    return told
