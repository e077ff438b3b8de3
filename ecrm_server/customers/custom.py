"""Custom fields: facts that an admin adds while the site runs. They belong to the generation, like settings."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.customers import facts
from ecrm_server.customers.facts import Fact, Reader
from ecrm_server.data import Prepared, database

_ALL = Prepared(
    "SELECT id, uid, subject, code, title, help, kind, choices, currency, required, indexed, archived_at"
    " FROM custom_field ORDER BY subject, position, id"
)
_RULES = Prepared("SELECT subject, field, read_roles, edit_roles FROM customer_field_rule")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The roles that may read and edit a field; None stands for everybody who may with the customer."""

    read_roles: frozenset[str] | None = None
    edit_roles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """What admins decided about fields: custom facts by subject, rules by (subject, field), and indexes."""

    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    rules: Mapping[tuple[str, str], FieldRule] = field(default_factory=dict)
    indexes: frozenset[str] = frozenset()
    known: Mapping[str, Mapping[str, Fact]] = field(init=False)
    """Subject -> name -> fact, those of every site included."""

    def __post_init__(self) -> None:
        known = {
            subject: {fact.name: fact for fact in (*own, *self.facts.get(subject, ()))}
            for subject, own in facts.OWN.items()
        }
        object.__setattr__(self, "known", known)


def load_fields() -> Fields:
    """The fields and rules as they are stored, for the next generation. Archived fields are left out."""
    found: dict[str, list[Fact]] = {}
    for row in _ALL.rows():
        if row["archived_at"] is None:
            found.setdefault(row["subject"], []).append(fact_of(row))
    rules = {
        (row["subject"], row["field"]): FieldRule(_roles(row["read_roles"]), _roles(row["edit_roles"]))
        for row in _RULES.rows()
    }
    indexes = frozenset(index.name for subject in facts.OWN for index in database.get_indexes(subject))
    return Fields({subject: tuple(of) for subject, of in found.items()}, rules, indexes)


def archived_columns(subject: str) -> list[str]:
    """The columns of archived fields, whose values are still there."""
    return [
        column
        for row in _ALL.rows()
        if row["archived_at"] is not None and row["subject"] == subject
        for column in fact_of(row).columns
    ]


def _roles(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(json.loads(text))


def in_force() -> Fields:
    """The fields of the generation in force."""
    from ecrm_server.kernel import current

    return current.generation().fields


def all_facts(subject: str) -> Mapping[str, Fact]:
    """Name -> fact: those that every site has, then the custom ones."""
    return in_force().known[subject]


def fact_of(row: Mapping[str, Any]) -> Fact:
    """The fact that a row of ``custom_field`` declares."""
    kind, column = KINDS[row["kind"]], f"x_{row['code']}"
    choices = json.loads(row["choices"])
    columns: tuple[str, ...] = (column, f"{column}_key") if kind.keyed else (column,)
    return Fact(
        name=column, title=row["title"], help=row["help"], kind=kind.rule_kind, widget=kind.widget,
        columns=() if row["kind"] == "choices" else columns, read=_reader(row["kind"], choices), choices=choices,
        currency=row["currency"], required=bool(row["required"]), custom=True, indexed=bool(row["indexed"]),
        field_id=row["id"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A type of custom field: its title, its kind in rules, its column type on both engines, its widget in forms."""

    title: str
    rule_kind: Any
    column_type: str
    widget: str
    keyed: bool = False


KINDS: Mapping[str, FieldKind] = {
    "text": FieldKind("Text", "text", "VARCHAR(200)", "text", keyed=True),
    "long": FieldKind("Long text", "text", "TEXT", "textarea", keyed=True),
    "number": FieldKind("Number", "number", "DOUBLE PRECISION", "number"),
    "integer": FieldKind("Whole number", "integer", "BIGINT", "integer"),
    "money": FieldKind("Amount of money", "money", "BIGINT", "money"),
    "boolean": FieldKind("Yes or no", "boolean", "BOOLEAN", "yesno"),
    "date": FieldKind("Date", "date", "VARCHAR(10)", "date"),
    "time": FieldKind("Date and time", "time", "BIGINT", "datetime-local"),
    "choice": FieldKind("One of a list", "choice", "VARCHAR(60)", "select"),
    "choices": FieldKind("Several of a list", "set", "", "choices"),
}


def _reader(kind: str, choices: Mapping[str, str]) -> Reader:
    if kind == "choice":
        return facts.one_of(choices)
    return facts.some_of(choices) if kind == "choices" else _READERS[kind]


def _long(value: Any) -> tuple[str, str]:
    shown = str(value).strip()
    if len(shown) > 10_000:
        raise ValueError("Use at most 10,000 characters.")
    return shown, name_key(shown)


def _number(value: Any) -> tuple[float]:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) >= 2**53:
        raise ValueError("This is no number. Write it like 2.5.")
    return (number,)


def _integer(value: Any) -> tuple[int]:
    found = re.fullmatch(r"[+-]?\d{1,15}", str(value).strip())
    if not found:
        raise ValueError("This is no whole number.")
    return (int(found[0]),)


def _money(value: Any) -> tuple[int]:
    """Minor units from a program (int), or an amount as people write it (``12.50``)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    found = re.fullmatch(r"(-?)(\d{1,13})(?:[.,](\d{1,2}))?", str(value).strip())
    if not found:
        raise ValueError("This is no amount. Write it like 12.50.")
    minor = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return (-minor if found[1] else minor,)


def _boolean(value: Any) -> tuple[bool]:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return (known[str(value).strip().lower()],)
    except KeyError:
        raise ValueError("Answer yes or no.") from None


def _time(value: Any) -> tuple[int]:
    """Milliseconds from a program, or ISO 8601."""
    from ecrm_server import clock

    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    try:
        return (clock.parse_iso(str(value).strip()),)
    except ValueError:
        raise ValueError("This is no time. Write it like 2026-03-31T14:30.") from None


_READERS: Mapping[str, Reader] = {
    "text": facts.text(200), "long": _long, "number": _number, "integer": _integer, "money": _money,
    "boolean": _boolean, "date": facts.day, "time": _time,
}  # fmt: skip
