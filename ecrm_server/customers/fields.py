"""Fields as admins see them: making custom ones, and deciding which roles read and change any of them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.customers import custom
from ecrm_server.customers.events import FieldChanged
from ecrm_server.customers.facts import OWN, SUBJECTS, Subject
from ecrm_server.customers.visibility import ALWAYS_SHOWN
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Conflict, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.kernel import current, state

MANAGE = "customers.manage_fields"
MAX_FIELDS, MAX_CHOICES = 100, 200
UNINDEXED = ("long", "choices", "boolean")
"""Kinds without an index of their own: too long, indexed already, or too few values for one to help."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,24}")
_COLUMNS = (
    "id, uid, subject, code, title, help, kind, choices, currency, required, indexed, position, archived_at"
)
_ALL = Prepared(f"SELECT {_COLUMNS} FROM custom_field WHERE subject = ? ORDER BY position, id")
_ONE = Prepared(f"SELECT {_COLUMNS} FROM custom_field WHERE uid = ?", lock=True)
_INSERT = Prepared(
    "INSERT INTO custom_field (uid, subject, code, title, help, kind, choices, currency, required, indexed, position,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, code) DO NOTHING"
)
_CHANGE = Prepared(
    "UPDATE custom_field SET title = ?, help = ?, choices = ?, required = ?, position = ? WHERE id = ?"
)
_INDEXED = Prepared("UPDATE custom_field SET indexed = ? WHERE id = ?")
_ARCHIVED = Prepared("UPDATE custom_field SET archived_at = ? WHERE id = ?")
_DELETE = Prepared("DELETE FROM custom_field WHERE id = ?")
_RULE = Prepared(
    "INSERT INTO customer_field_rule (subject, field, read_roles, edit_roles) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (subject, field) DO UPDATE SET read_roles = excluded.read_roles, edit_roles = excluded.edit_roles"
)
_NO_RULE = Prepared("DELETE FROM customer_field_rule WHERE subject = ? AND field = ?")


def listed(actor: Actor, subject: Subject) -> list[dict[str, Any]]:
    """Every field: name, title, kind, ``own`` or the row of a custom one, and the roles that read and edit it."""
    require(actor, MANAGE)
    rules = custom.in_force().rules
    none = custom.FieldRule()
    found: list[dict[str, Any]] = [
        {"name": fact.name, "title": fact.title, "kind": fact.kind, "own": True, "archived_at": None}
        for fact in OWN[subject.name]
    ]
    for row in _ALL.rows(subject.name):
        row["choices"] = json.loads(row["choices"])
        found.append(row | {"name": f"x_{row['code']}", "own": False})
    for row in found:
        rule = rules.get((subject.name, row["name"]), none)
        row["read_roles"], row["edit_roles"] = rule.read_roles, rule.edit_roles
        row["restrictable"] = row["name"] not in ALWAYS_SHOWN
    return found


def field(actor: Actor, subject: Subject, name: str) -> dict[str, Any]:
    """One of :func:`listed`. Raises NotFound."""
    found = next((row for row in listed(actor, subject) if row["name"] == name), None)
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A custom field as an admin describes it. Kind, code and currency count for a new one only.

    code: of its column, for ever; made from the title when empty. choices: lines, each a title or ``code: title``.
    """

    title: str
    hint: str = ""
    choices: str = ""
    required: bool = False
    position: int = 0
    kind: str = ""
    code: str = ""
    currency: str = "EUR"


def add(actor: Actor, subject: Subject, wanted: Wanted) -> str:
    """Make a field with its column. Returns its name, ``x_<code>``."""
    require(actor, MANAGE)
    kind = wanted.kind
    if kind not in custom.KINDS:
        raise Refusal("Choose one of the kinds.", field="kind")
    title, code = _title(wanted.title), _new_code(wanted.title, wanted.code)
    parsed = _choices(wanted.choices) if kind in ("choice", "choices") else {}
    currency = wanted.currency if kind == "money" else ""
    if kind == "money" and not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refusal("A currency is three capital letters, such as EUR.", field="currency")
    with transaction():
        present = _ALL.rows(subject.name)
        if len(present) >= MAX_FIELDS:
            raise Refusal(f"There are {MAX_FIELDS} fields already. Remove one that nobody uses.")
        made = _INSERT.run(
            ids.public_id(), subject.name, code, title, wanted.hint.strip()[:300], kind, json.dumps(parsed),
            currency, wanted.required, False, len(present), clock.now(),
        )  # fmt: skip
        if not made:
            raise Conflict("There is a field of this code already.", field="code")
        for column, column_type in _columns(code, kind):
            database.execute_sql(f"ALTER TABLE {subject.table} ADD COLUMN {column} {column_type}")
        _tell(actor, subject, f"x_{code}", "made", after={"title": title, "kind": kind})
    return f"x_{code}"


def change(actor: Actor, subject: Subject, name: str, wanted: Wanted) -> None:
    """Change what a custom field is called, its help, its choices and its place. Its kind stays."""
    require(actor, MANAGE)
    row = _custom(actor, subject, name)
    title = _title(wanted.title)
    parsed = _choices(wanted.choices) if row["kind"] in ("choice", "choices") else {}
    with transaction():
        for gone in row["choices"].keys() - parsed.keys():
            if _used(subject, row, gone):
                raise Refusal(f"'{row['choices'][gone]}' is chosen somewhere. Keep it.", field="choices")
        _CHANGE.run(
            title, wanted.hint.strip()[:300], json.dumps(parsed), wanted.required, wanted.position, row["id"]
        )
        before = {key: row[key] for key in ("title", "choices", "position")}
        after = {"title": title, "choices": parsed, "position": wanted.position}
        _tell(actor, subject, name, "changed", before, after)


def set_indexed(actor: Actor, subject: Subject, name: str, wanted: bool) -> None:
    """Make or drop the index that lists need to filter and sort by a custom field of many customers."""
    require(actor, MANAGE)
    row = _custom(actor, subject, name)
    if row["kind"] in UNINDEXED:
        raise Refusal("A field of this kind has no index.")
    if bool(row["indexed"]) == wanted:
        return
    column = f"{name}_key" if custom.KINDS[row["kind"]].keyed else name
    index = f"{subject.table}_{name}_index"
    with transaction():
        if wanted:
            database.execute_sql(f"CREATE INDEX {index} ON {subject.table} ({column}, id)")
        else:
            database.execute_sql(f"DROP INDEX {index}")
        _INDEXED.run(wanted, row["id"])
        _tell(actor, subject, name, "indexed" if wanted else "unindexed")


def archive(actor: Actor, subject: Subject, name: str, archived: bool = True) -> None:
    """Take a custom field away from everybody, or bring it back; its values stay."""
    require(actor, MANAGE)
    row = _custom(actor, subject, name)
    with transaction():
        _ARCHIVED.run(clock.now() if archived else None, row["id"])
        _tell(actor, subject, name, "archived" if archived else "restored")


def drop(actor: Actor, subject: Subject, name: str, confirmed: str) -> None:
    """Delete an archived field with all its values. ``confirmed`` repeats its name."""
    require(actor, MANAGE)
    row = _custom(actor, subject, name)
    if row["archived_at"] is None:
        raise Refusal("Archive the field first.")
    if confirmed.strip() != name:
        raise Refusal(f"Write {name} to delete the field with all its values.", field="confirmed")
    if row["indexed"]:
        set_indexed(actor, subject, name, False)
    with transaction():
        for column, _ in _columns(row["code"], row["kind"]):
            database.execute_sql(f"ALTER TABLE {subject.table} DROP COLUMN {column}")
        _DELETE.run(row["id"])
        _NO_RULE.run(subject.name, name)
        _tell(actor, subject, name, "deleted", before={"title": row["title"]})


def set_rule(
    actor: Actor, subject: Subject, name: str, read_roles: Collection[str] | None, edit_roles: Collection[str] | None
) -> None:  # fmt: skip
    """Let only these roles read and change a field; None stands for everybody who may with the customer."""
    require(actor, MANAGE)
    row = field(actor, subject, name)
    if not row["restrictable"]:
        raise Refusal("This field is part of what a customer is. Everybody who sees the customer reads it.")
    known = current.generation().role_permissions
    unknown = sorted({*(read_roles or ()), *(edit_roles or ())} - set(known))
    if unknown:
        raise Refusal(f"There is no role '{unknown[0]}'.")
    read, edit = (None if roles is None else sorted(roles) for roles in (read_roles, edit_roles))
    with transaction():
        if read is None and edit is None:
            _NO_RULE.run(subject.name, name)
        else:
            _RULE.run(subject.name, name, _json(read), _json(edit))
        before = {key: None if row[key] is None else sorted(row[key]) for key in ("read_roles", "edit_roles")}
        _tell(actor, subject, name, "rule", before, {"read_roles": read, "edit_roles": edit})


def _json(roles: list[str] | None) -> str | None:
    return None if roles is None else json.dumps(roles)


def _custom(actor: Actor, subject: Subject, name: str) -> dict[str, Any]:
    row = field(actor, subject, name)
    if row["own"]:
        raise Refusal("This field belongs to the product.")
    return row


def _columns(code: str, kind: str) -> list[tuple[str, str]]:
    """(column, type) of a field."""
    of = custom.KINDS[kind]
    if not of.column_type:
        return []
    key_type = "TEXT" if of.column_type == "TEXT" else "VARCHAR(400)"
    return [(f"x_{code}", of.column_type)] + ([(f"x_{code}_key", key_type)] if of.keyed else [])


def _used(subject: Subject, row: Mapping[str, Any], choice: str) -> bool:
    if row["kind"] == "choices":
        found = Prepared("SELECT 1 FROM custom_choice WHERE field_id = ? AND choice = ? LIMIT 1")
        return found.value(row["id"], choice) is not None
    return (
        Prepared(f"SELECT 1 FROM {subject.table} WHERE {row['name']} = ? LIMIT 1").value(choice) is not None
    )


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > 80:
        raise Refusal("A title has from 1 to 80 characters.", field="title")
    return title


def code_of(title: str) -> str:
    """A title as a code: lower-case letters without accents, digits and underscores."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:25].strip("_")


def _new_code(title: str, code: str) -> str:
    code = code.strip().removeprefix("x_") or code_of(title)
    if not _CODE.fullmatch(code) or code.endswith("_key"):
        raise Refusal("A code has up to 25 small letters, digits and underscores.", field="code")
    return code


def _choices(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        head, colon, tail = line.partition(":")
        title = (tail if colon else head).strip()[:80]
        if title:
            code = head.strip() if colon else code_of(title)
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", code) or code in found:
                raise Refusal(f"Give '{title}' a code of its own, like 'gold: {title}'.", field="choices")
            found[code] = title
    if not 1 <= len(found) <= MAX_CHOICES:
        raise Refusal(f"Write from 1 to {MAX_CHOICES} choices, one a line.", field="choices")
    return found


def _tell(
    actor: Actor, subject: Subject, name: str, change: str, before: Any = None, after: Any = None
) -> None:
    record(
        "customers.field_changed", actor=actor, obj_kind="customer_field", obj_uid=f"{subject.name}.{name}",
        before=before, after=after, note=change,
    )  # fmt: skip
    emit(FieldChanged(subject=subject.name, field=name, change=change), actor_id=actor.account_id)
    state.bump()


def subject_of(name: str) -> Subject:
    """Customers or organisations by name. Raises NotFound."""
    if name not in SUBJECTS:
        raise NotFound()
    return SUBJECTS[name]
