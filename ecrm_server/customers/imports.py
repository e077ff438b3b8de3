"""Customers and organisations from files: what the import engine needs, in batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.content.countries import language_code
from ecrm_server.content.names import email_key, name_key, slugify
from ecrm_server.customers import affiliations, people, rows, telling
from ecrm_server.customers import keys as search_keys
from ecrm_server.customers.changing import OF_THE_ACCOUNT
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Fact, Subject
from ecrm_server.customers.joining import Joining
from ecrm_server.data.bulk import insert_many, select_by_key
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.events import Event
from ecrm_server.events.outbox import emit_all
from ecrm_server.importing.kind import Change, Field, Found, ImportKind, Refused, Written

IMPORT = "customers.import"
_BESIDE = frozenset(("created_at", *affiliations.NAMES))
"""Fields of files that are no facts of a row."""
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "name": ("full name", "customer name", "company", "firma", "nom", "nombre"),
    "number": ("customer number", "customer id", "customerid", "customer no", "kundennummer", "kd-nr", "id", "no"),
    "tax_number": ("tax number", "vat number", "vat id", "ust-idnr", "registration number"),
    "email": ("e-mail address", "mail", "email address"),
    "phone": ("telephone", "telefon", "mobile", "tel"),
    "street": ("address", "address line 1", "strasse", "rue"),
    "postcode": ("zip", "zip code", "postal code", "plz"),
    "city": ("town", "ort", "stadt", "ville"),
    "region": ("state", "province", "county"),
    "country": ("land", "pays", "country code"),
    "birthday": ("date of birth", "birth date", "geburtstag"),
    "language": ("locale", "sprache"),
    "owner": ("account manager", "sales representative"),
    "tags": ("labels",),
    "created_at": ("customer since", "kunde seit", "created", "created at"),
}


def _language(text: str) -> str:
    try:
        return language_code(text)
    except ValueError:
        raise ValueError("is no language's code, such as de or pt-BR") from None


_READERS: Mapping[str, dict[str, Any]] = {
    "owner": {
        "resolve": people.owners_named, "unknown": "which is the e-mail address of nobody with an account",
    },
    "team": {"resolve": people.teams_named, "unknown": "which is the name of no group"},
    "language": {"convert": _language},
}  # fmt: skip
_TYPES = {"date": "date", "boolean": "boolean", "integer": "integer", "number": "number", "time": "time"}


def _fields(subject: Subject) -> list[Field]:
    """A field for each fact, own or custom, and when the customer was added."""
    found = [_field(fact) for fact in all_facts(subject.name).values()]
    found += [*_NAMES, *affiliations.fields()] if subject is CUSTOMER else []
    return [*found, Field("created_at", "Added", "time", aliases=_ALIASES["created_at"])]


def _field(fact: Fact) -> Field:
    more: dict[str, Any] = {"aliases": _ALIASES.get(fact.name, ()) if not fact.custom else (fact.name,)}
    if fact.name in _READERS:
        return Field(fact.name, fact.title, **_READERS[fact.name], **more)
    if fact.kind == "set":
        kind = "choice" if fact.custom else "text"
        return Field(fact.name, fact.title, kind, several=True, choices=fact.choices, **more)
    if fact.kind == "money":
        return Field(fact.name, fact.title, "money", currency=fact.currency, **more)
    if fact.kind in _TYPES:
        return Field(fact.name, fact.title, _TYPES[fact.kind], **more)
    if fact.choices:
        return Field(fact.name, fact.title, "choice", choices=fact.choices, **more)
    kind = fact.name if fact.name in ("email", "phone", "country") else "text"
    return Field(fact.name, fact.title, kind, max_length=_LIMITS.get(fact.name, 0), **more)


_LIMITS = {
    "name": 160, "number": 60, "tax_number": 40, "street": 300, "postcode": 20, "city": 120, "region": 120,
    "source": 60,
}  # fmt: skip

_NAMES = (
    Field(
        "first_name", "First name", aliases=("given name", "forename", "vorname", "prenom"), max_length=160,
        part_of="name",
    ),
    Field(
        "last_name", "Last name", aliases=("surname", "family name", "nachname", "familienname"), max_length=160,
        part_of="name",
    ),
)  # fmt: skip
"""Most spreadsheets keep them apart; here people have one name, in the order in which they write it."""


_KEYS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "uid": ("uid", str),
    "number": ("number_key", name_key),
    "email": ("email_key", email_key),
}


def _find(subject: Subject, key: str, values: Collection[Any]) -> Iterator[tuple[Any, Found]]:
    """By public id, number or e-mail address, the further ones included."""
    column, make = _KEYS[key]
    asked: dict[str, list[Any]] = {}
    for value in values:
        asked.setdefault(make(value), []).append(value)
    by_id: dict[int, list[Any]] = {}
    for row_id, found_by in _keys_of(subject, column, asked):
        by_id.setdefault(row_id, []).extend(asked[found_by])
    facts = [fact for fact in all_facts(subject.name).values() if fact.columns]
    columns = ", ".join(f"t.{fact.columns[0]}" for fact in facts)
    known = list(
        select_by_key(
            f"SELECT t.id, t.uid, t.created_at, w.uid, g.uid, {columns} FROM {subject.table} t"
            " LEFT JOIN profile w ON w.account_id = t.owner_id LEFT JOIN account_group g ON g.id = t.team_id"
            " WHERE t.id IN {keys}",
            by_id,
        )
    )
    inside = _inside(subject, by_id) if by_id else {}
    flags = [fact.name for fact in facts if fact.kind == "boolean"]
    for row_id, uid, created_at, owner, team, *row in known:
        found = {fact.name: value for fact, value in zip(facts, row, strict=True)}
        found |= {"owner": owner, "team": team, "created_at": created_at} | inside[row_id]
        for name in flags:
            found[name] = None if found[name] is None else bool(found[name])
        thing = Found(uid, found["name"], found, f"{subject.url}/{uid}")
        for value in by_id[row_id]:
            yield value, thing


def _keys_of(subject: Subject, column: str, asked: Collection[str]) -> set[tuple[int, str]]:
    """(key of the row, what was asked for) of those that are there; a merged one is what it was merged into."""
    found = set(
        select_by_key(
            f"SELECT COALESCE(merged_into_id, id), {column} FROM {subject.table} WHERE {column} IN {{keys}}",
            asked,
        )
    )
    if column == "email_key":
        found.update(
            select_by_key(
                f"SELECT COALESCE(x.merged_into_id, x.id), p.value_key FROM contact_point p JOIN {subject.table} x"
                f" ON x.id = p.{subject.column} WHERE p.kind = 'email' AND p.value_key IN {{keys}}",
                asked,
            )
        )
    return found


def _inside(subject: Subject, row_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What stands in rows of its own, by row; of customers the organisation that they belong to as well."""
    found = rows.inside(subject, row_ids)
    if subject is CUSTOMER:
        for row_id, members in affiliations.of_customers(row_ids).items():
            found[row_id] |= members
    return found


def _check(subject: Subject, changes: Sequence[Change]) -> dict[int, Refused]:
    """What is no value of ours, a number that somebody else has, and a row that says nothing by which to know it."""
    return {index: item for index, item in enumerate(_judged(subject, changes)) if isinstance(item, Refused)}


def _judged(subject: Subject, changes: Sequence[Change]) -> list[rows.Checked | Refused]:
    """What each change comes to. Values are read once, numbers compared each time: they are others' to take."""
    for change in changes:
        change.checked = change.checked or _read(subject, change)
    found: list[rows.Checked | Refused] = [change.checked for change in changes]
    _judge_numbers(subject, changes, found)
    if subject is CUSTOMER:
        for index, refused in affiliations.check(changes).items():
            found[index] = refused
    return found


def _read(subject: Subject, change: Change) -> rows.Checked | Refused:
    values = {name: value for name, value in change.values.items() if name not in _BESIDE}
    if change.uid is None:
        values = _defaults(subject) | values
        values["name"] = values.get("name") or values.get("number") or values.get("email")
    elif "name" in values and not values["name"]:
        del values["name"]
    try:
        return rows.check(subject, values)
    except Refusal as refusal:
        name, sentences = next(iter(refusal.errors.items()))
        return Refused(f"cannot be taken: {sentences[0].rstrip('.')}", name)


def _defaults(subject: Subject) -> dict[str, Any]:
    return {"stage": "customer", "source": "import"} if subject is CUSTOMER else affiliations.DEFAULTS


def _judge_numbers(subject: Subject, changes: Sequence[Change], found: list[rows.Checked | Refused]) -> None:
    wanted: dict[str, int] = {}
    for index, item in enumerate(found):
        key = item.columns.get("number_key") if isinstance(item, rows.Checked) else None
        if key and wanted.setdefault(key, index) != index:
            found[index] = Refused("stands in an earlier row already", "number")
    taken = select_by_key(
        f"SELECT x.number_key, COALESCE((SELECT k.uid FROM {subject.table} k WHERE k.id = x.merged_into_id), x.uid)"
        f" FROM {subject.table} x WHERE x.number_key IN {{keys}}",
        wanted,
    )
    for key, uid in taken:
        if changes[wanted[key]].uid != uid:
            found[wanted[key]] = Refused("belongs to another one already", "number")


def _write(subject: Subject, changes: Sequence[Change], actor: Actor) -> list[str | Written | Refused]:
    """Create all that are new with few statements, change the others one by one."""
    judged = _judged(subject, changes)
    done: list[str | Refused] = []
    new: list[tuple[str, rows.Checked, Any]] = []
    told: list[Event] = []
    touched: list[int] = []
    existing = _existing(subject, [change.uid for change in changes if change.uid is not None])
    for change, checked in zip(changes, judged, strict=True):
        if isinstance(checked, Refused):
            done.append(checked)
        elif change.uid is None:
            uid = ids.public_id()
            new.append((uid, checked, change.values.get("created_at")))
            told.append(telling.created(subject, uid))
            done.append(uid)
        else:
            done.append(_change(subject, existing.get(change.uid), change, checked, told, touched))
    _create(subject, new)
    made = {uid: change for uid, change in zip(done, changes, strict=True) if isinstance(uid, str)}
    joining = Joining(made if subject is CUSTOMER else {}, partial(_create, ORGANISATION))
    written = joining.carry_out()
    search_keys.note_changed(subject, touched)
    emit_all([*told, *joining.events], actor_id=actor.account_id)
    return [written.get(one, one) if isinstance(one, str) else one for one in done]


def _existing(subject: Subject, uids: Collection[str]) -> dict[str, tuple[int, Any]]:
    """Those that are there, kept from changing: by their ids, as others lock them, whatever the order of the file."""
    account = "account_id" if subject is CUSTOMER else "NULL"
    text = (
        f"SELECT uid, id, {account} FROM {subject.table} WHERE merged_into_id IS NULL AND uid IN {{keys}} ORDER BY id"
    )
    return {uid: (row_id, account_id) for uid, row_id, account_id in select_by_key(text, uids, lock=True)}


def _change(
    subject: Subject, found: tuple[int, Any] | None, change: Change, checked: rows.Checked, told: list[Event],
    touched: list[int],
) -> str | Refused:  # fmt: skip
    """Change one. What is to be told goes to ``told``; to ``touched`` goes who is found by something else now."""
    assert change.uid is not None
    if found is None:
        return Refused("It was deleted meanwhile, or merged into another one.")
    row_id, account_id = found
    if (
        account_id is not None
    ):  # the person's own name and address stay; the engine then sees an edit made here
        for name in OF_THE_ACCOUNT:
            checked.columns.pop(name, None)
            checked.columns.pop(f"{name}_key", None)
    if change.values.get("created_at") is not None:
        checked.columns["created_at"] = change.values["created_at"]
    try:
        saved = rows.save(subject, row_id, checked)
    except Conflict as conflict:
        return Refused(conflict.message)
    if saved.after:
        told.append(telling.changed(subject, change.uid, sorted(saved.after)))
        if not search_keys.FOUND_BY.isdisjoint(saved.after):
            touched.append(row_id)
    return change.uid


def _create(subject: Subject, new: Sequence[tuple[str, rows.Checked, Any]]) -> None:
    if not new:
        return
    now = clock.now()
    columns = sorted({column for _, checked, _ in new for column in checked.columns})
    fixed = ("uid", "demo", "created_at", "updated_at", *(("slug",) if subject is ORGANISATION else ()))
    insert_many(
        subject.table,
        (*fixed, *columns),
        [
            (
                uid, False, created_at or now, now, *(_slug(uid, checked) if subject is ORGANISATION else ()),
                *(checked.columns.get(column) for column in columns),
            )
            for uid, checked, created_at in new
        ],
    )  # fmt: skip
    search_keys.note_new(subject, [uid for uid, _, _ in new])
    _create_inside(subject, new, now)


def _slug(uid: str, checked: rows.Checked) -> tuple[str]:
    return (f"{slugify(checked.columns['name'], fallback='organisation')[:60]}-{uid.lower()}",)


def _create_inside(subject: Subject, new: Sequence[tuple[str, rows.Checked, Any]], now: int) -> None:
    """Addresses, tags and several choices of new rows."""
    wanted = {uid: checked for uid, checked, _ in new if any(checked.address.values()) or checked.sets}
    keys = dict(select_by_key(f"SELECT uid, id FROM {subject.table} WHERE uid IN {{keys}}", wanted))
    addresses, tags, choices = [], [], []
    for uid, checked in wanted.items():
        parts = [checked.address.get(name) or "" for name in rows.ADDRESS]
        if any(parts):
            addresses.append((ids.public_id(), keys[uid], "", *parts, True, now))
        for fact, members in checked.sets:
            if fact.custom:
                choices += [(keys[uid], fact.field_id, member) for member in members]
            else:
                tags += [(keys[uid], member) for member in members]
    column = subject.column
    insert_many("address", ("uid", column, "label", *rows.ADDRESS, "main", "created_at"), addresses)
    insert_many(f"{subject.table}_tag", (column, "tag"), tags)
    insert_many("custom_choice", (column, "field_id", "choice"), choices)


def _blocked(subject: Subject, uids: Collection[str]) -> dict[str, str]:
    """Those on whom something hangs: an account, people, or what staff logged."""
    of = subject.column
    reasons = {
        "It has further addresses or phones.": (
            f"EXISTS (SELECT 1 FROM contact_point p WHERE p.{of} = t.id)"
            f" OR EXISTS (SELECT 1 FROM address a WHERE a.{of} = t.id AND NOT a.main)"
        ),
        "Something was logged about it.": f"EXISTS (SELECT 1 FROM activity a WHERE a.{of} = t.id)",
        "Another one was merged into it.": f"EXISTS (SELECT 1 FROM {subject.table} k WHERE k.merged_into_id = t.id)",
    }
    if subject is CUSTOMER:  # with the organisation mainly acted for it came, or it differs from what came
        others = "m.customer_id = t.id AND (t.organisation_id IS NULL OR m.organisation_id <> t.organisation_id)"
        reasons["It belongs together with others."] = f"EXISTS (SELECT 1 FROM membership m WHERE {others})"
        reasons["It has an account."] = "t.account_id IS NOT NULL"
    else:
        members = "SELECT 1 FROM membership m WHERE m.organisation_id = t.id"
        reasons["It belongs together with others."] = f"EXISTS ({members})"
        plans = "SELECT 1 FROM account_plan a WHERE a.organisation_id = t.id"
        reasons["There is a plan for it."] = f"EXISTS ({plans})"
    found: dict[str, str] = {}
    for sentence, condition in reasons.items():
        held = select_by_key(
            f"SELECT t.uid FROM {subject.table} t WHERE ({condition}) AND t.uid IN {{keys}}", uids
        )
        found |= {row[0]: sentence for row in held}
    return found


def _remove(subject: Subject, uids: Collection[str], actor: Actor) -> None:
    """As if they had never come."""
    list(select_by_key(f"DELETE FROM {subject.table} WHERE uid IN {{keys}} RETURNING uid", uids))


def _kind(subject: Subject, keys: Iterable[str], sentence: str) -> ImportKind:
    return ImportKind(
        name=f"{subject.name}s", title=subject.title, permission=IMPORT, fields=partial(_fields, subject),
        keys=tuple(keys), find=partial(_find, subject), write=partial(_write, subject),
        check=partial(_check, subject), blocked=partial(_blocked, subject), remove=partial(_remove, subject),
        help=sentence,
    )  # fmt: skip


ALL = [
    _kind(CUSTOMER, ("number", "email"), "People, with all their fields; found by number or e-mail address."),
    _kind(ORGANISATION, ("number", "email"), "Companies and clubs; found by number or e-mail address."),
]
