"""How programs see the facts of customers and organisations: one shape, made from the list of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow
from marshmallow import fields

from ecrm_server.customers import rows
from ecrm_server.customers.facts import CUSTOMER, OWN, Fact, Subject
from ecrm_server.errors import Refusal
from ecrm_server.rest import Instant
from ecrm_server.rest.version import version_field

_EXAMPLES: dict[str, Any] = {
    "name": "Ada Byron", "number": "K-1815", "tax_number": "DE136695976", "stage": "customer", "kind": "partner",
    "email": "ada@cogs.example", "phone": "+49 30 1234567", "website": "https://cogs.example",
    "street": "Domstr. 1", "postcode": "50667", "city": "Köln", "region": "NRW", "country": "DE",
    "birthday": "1985-12-10", "language": "de", "source": "fair", "owner": "8fJk2LmN9pQr", "team": "2bGt7XwYz4Hs",
    "tags": ["press", "vip"],
}  # fmt: skip
_ABOUT = {
    "owner": "Public id of the profile of whoever looks after it.", "team": "Public id of a group.",
    "country": "Two letters (ISO 3166).",
    "birthday": "`YYYY-MM-DD`", "number": "What the outside world calls it; nobody else has the same.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shapes:
    """The schemas of one subject: as it is read, as it is made and changed, and a page of it."""

    output: type[marshmallow.Schema]
    input: type[marshmallow.Schema]
    page: type[marshmallow.Schema]


def shapes(subject: Subject, title: str) -> Shapes:
    """The schemas of customers or of organisations. What an admin added stands in ``custom``."""
    facts = {fact.name: _field(fact) for fact in OWN[subject.name]}
    facts["custom"] = fields.Dict(
        keys=fields.String(),
        metadata={"description": "Custom fields by name; see `/fields`.", "example": {"x_size": 42}},
    )
    read: dict[str, Any] = {
        "uid": fields.String(metadata={"example": "8fJk2LmN9pQr"}),
        "version": fields.Integer(metadata={"description": "Rises with each change.", "example": 3}),
        "created_at": Instant(), "updated_at": Instant(),
    }  # fmt: skip
    if subject is CUSTOMER:
        read["account"] = fields.Boolean(metadata={"description": "Whether the person has an account."})
    output = _schema(title, f"{title}, with what one may read of it; the rest is null.", facts | read)
    given = _schema(f"{title}Input", f"Facts about {_an(title)}.", facts | {"version": version_field()})
    page = {"items": fields.List(fields.Nested(output)), "next": fields.String(allow_none=True)}
    return Shapes(output, given, _schema(f"{title}Page", f"A page of {subject.name}s.", page))


def _an(title: str) -> str:
    return f"{'an' if title[0] in 'AEIOU' else 'a'} {title.lower()}"


def _schema(name: str, about: str, members: dict[str, Any]) -> type[marshmallow.Schema]:
    return type(name, (marshmallow.Schema,), {"__doc__": about, **members})


def _field(fact: Fact) -> fields.Field[Any]:
    known = {"example": _EXAMPLES, "description": _ABOUT}
    about: dict[str, Any] = {name: texts[fact.name] for name, texts in known.items() if fact.name in texts}
    if fact.kind == "set":
        return fields.List(fields.String(), metadata=about)
    if fact.required and fact.choices:
        about["enum"] = list(fact.choices)
    return fields.String(allow_none=not fact.required, metadata=about)


def told(subject: Subject, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as programs see them."""
    return [
        _one(subject, row, values) for row, values in zip(found, rows.values(subject, found), strict=True)
    ]


def _one(subject: Subject, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    custom = {name: values.pop(name) for name in list(values) if name.startswith("x_")}
    more = {name: row[name] for name in ("uid", "version", "created_at", "updated_at")}
    if subject is CUSTOMER:
        more["account"] = row["account_id"] is not None
    return values | more | {"custom": custom}


def given(values: dict[str, Any]) -> dict[str, Any]:
    """The facts of a body, with the custom ones beside the others."""
    custom = values.pop("custom", {})
    if not all(name.startswith("x_") for name in custom):
        raise Refusal("The name of a custom field begins with x_.", field="custom")
    return values | custom
