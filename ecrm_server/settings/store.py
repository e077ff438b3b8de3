"""Reading and saving settings. A generation carries the values, so reading one costs a dictionary look-up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import marshmallow

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal

if TYPE_CHECKING:
    from ecrm_server.kernel.part import Part

_ALL = Prepared("SELECT name, value FROM setting")
_SAVE = Prepared(
    "INSERT INTO setting (name, value, changed_at) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at"
)


def load_values() -> dict[str, Any]:
    """Every stored setting by full name."""
    return {row["name"]: json.loads(row["value"]) for row in _ALL.rows()}


def defaults(part: str, schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Full name -> default (``load_default``) of a part's schema."""
    found = {}
    for name, field in schema().fields.items():
        value = field.load_default
        found[f"{part}.{name}"] = (
            None if value is marshmallow.missing else value() if callable(value) else value
        )
    return found


def effective(parts: Mapping[str, type[marshmallow.Schema]], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults of every declared schema, overridden by stored values (kept as they were validated when saved)."""
    values: dict[str, Any] = {}
    for part, schema in parts.items():
        values.update(defaults(part, schema))
    values.update({name: value for name, value in stored.items() if name in values})
    return values


def setting(name: str) -> Any:
    """A setting of the generation in force, ``<part>.<name>``. Raises KeyError when no schema declares it."""
    from ecrm_server.kernel import current

    return current.generation().settings[name]


def validate(schema: type[marshmallow.Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    """Load input through a settings schema; raises Refusal with a message per field."""
    try:
        return dict(schema(unknown=marshmallow.RAISE).load(dict(values)))
    except marshmallow.ValidationError as error:
        raise Refusal("Some settings are not valid.", errors=error.normalized_messages()) from error


def save(part: Part | str, schema: type[marshmallow.Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    """Validate and store a part's settings and ask every process for a new generation. Returns what was stored."""
    from ecrm_server.kernel import state

    name = part if isinstance(part, str) else part.name
    loaded = validate(schema, values)
    dumped = schema().dump(loaded)
    with transaction():
        for key in loaded:
            put(f"{name}.{key}", dumped[key])
        state.bump()
    return loaded


def put(name: str, value: Any) -> None:
    """Store one value by its full name, unchecked; the caller asks for a new generation."""
    _SAVE.run(name, json.dumps(value, ensure_ascii=False), clock.now())
