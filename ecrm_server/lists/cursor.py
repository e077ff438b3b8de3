"""Where a page begins or ends: the sort value and the key of a row, as an opaque word of the address."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecrm_server.errors import Refusal
from ecrm_server.rules import Kind

_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Position:
    """A row's place in an order. ``value`` is None for a row whose value is empty: those stand last."""

    value: Any
    id: int

    def __str__(self) -> str:
        packed = json.dumps([_plain(self.value), self.id], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str, kind: Kind | None) -> Position | None:
    """The place that an address names; None without one. kind: of the values that sort, None for the key alone.

    Raises Refusal when it was not made here, or for another order.
    """
    if not text:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError) as error:
        raise Refusal("This page's address is not one of ours. Go back to the first page.", field="after") from error
    if not isinstance(found, list) or len(found) != 2 or not _fits(found[0], kind) or not _is_key(found[1]):
        raise Refusal("This page's address is not one of ours. Go back to the first page.", field="after")
    # SQLite writes 0 and 1; PostgreSQL compares only truth values with each other.
    return Position(bool(found[0]) if kind == "boolean" and found[0] is not None else found[0], found[1])


def _plain(value: Any) -> Any:
    """PostgreSQL adds up whole numbers to decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _fits(value: Any, kind: Kind | None) -> bool:
    if value is None or kind is None:
        return value is None
    if kind in ("text", "choice", "date"):
        return isinstance(value, str)
    if kind == "boolean":
        return value in (0, 1)
    return _is_key(value) or isinstance(value, float)


def _is_key(value: Any) -> bool:
    return type(value) is int and abs(value) < _MOST
