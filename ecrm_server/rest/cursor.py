"""Paging by cursor, and times and truth values in the API's form."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import marshmallow
from flask import request
from marshmallow import fields, validate

from ecrm_server import clock
from ecrm_server.errors import Refusal


class Instant(fields.Field[int]):
    """Milliseconds inside, ISO 8601 with ``Z`` outside."""

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.iso(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return clock.parse_iso(value)
        except (TypeError, ValueError) as error:
            raise marshmallow.ValidationError("Write a time like 2026-11-23T08:30:00Z.") from error


class Flag(fields.Boolean):
    """True or false outside, also for the 0 and 1 that SQLite gives."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> bool | None:
        return None if value is None else bool(value)


class CursorSchema(marshmallow.Schema):
    """Query parameters of every list."""

    cursor = fields.String(
        load_default="", metadata={"description": "From the `next` link of the page before."}
    )
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "Items a page."}
    )


def encode(position: list[Any]) -> str:
    """A position in a list as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode(cursor: str, length: int, kind: type | None = None) -> list[Any] | None:
    """The position of a cursor, None for the beginning. Raises Refusal when it was not made here.

    kind: ``int`` or ``str`` where all keys of the list are of one kind.
    """
    if not cursor:
        return None
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise Refusal("The cursor is not one that this server gave out.", field="cursor") from error
    if not isinstance(position, list) or len(position) != length or not all(map(_is_key, position)):
        raise Refusal("The cursor belongs to another list.", field="cursor")
    if kind is not None and not all(isinstance(key, kind) for key in position):
        raise Refusal("The cursor belongs to another list.", field="cursor")
    return position


def _is_key(value: Any) -> bool:
    """Keys of lists are numbers that a column holds, or texts."""
    return isinstance(value, str) or (type(value) is int and abs(value) < 2**62)


def page(items: list[Any], position: list[Any] | None) -> dict[str, Any]:
    """The body of a list: ``items`` and ``next``, the path of the next page or null.

    ``position`` is that of the last item, None at the end.
    """
    if position is None:
        return {"items": items, "next": None}
    query = {**request.args.to_dict(), "cursor": encode(position)}
    return {"items": items, "next": f"{request.path}?{urlencode(query)}"}
