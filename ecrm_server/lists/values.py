"""Values of columns at the edges: read from a form's text, put into fields, written into rules and files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel.numbers import get_currency_precision

from ecrm_server import clock
from ecrm_server.errors import Refusal
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import Column
from ecrm_server.rules import Kind, Trait
from ecrm_server.rules.values import MAX_LIST, MAX_NUMBER

MAX_TEXT = 10_000


def read(trait: Trait, texts: Sequence[str], zone: tzinfo) -> Any:
    """A value of the trait's kind from the fields of a form, None for empty. Raises Refusal with a sentence.

    zone: in which times are written. Money comes in major units ("12.50") and is given in minor ones.
    """
    filled = [text.strip() for text in texts if text.strip()]
    if trait.kind == "set":
        return [_code(trait, text) for text in filled[:MAX_LIST]]
    if not filled:
        return None
    try:
        return _read_one(trait, filled[0], zone)
    except (ValueError, KeyError, InvalidOperation, OverflowError) as error:
        raise Refusal(f"{trait.title} needs {_WANTED[trait.kind]}, not '{filled[0][:40]}'.", field="value") from error


_WANTED = {
    "text": "a text of at most 10,000 characters",
    "number": "a number such as 2.5",
    "integer": "a whole number",
    "money": "an amount such as 12.50",
    "boolean": "yes or no",
    "date": "a day such as 2026-11-23",
    "time": "a time such as 2026-11-23T14:30",
    "choice": "one of its choices",
}

_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


def _read_one(trait: Trait, text: str, zone: tzinfo) -> Any:
    return _READERS[trait.kind](trait, text, zone)


def _text(trait: Trait, text: str, zone: tzinfo) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError
    return text


def _number(trait: Trait, text: str, zone: tzinfo) -> float:
    number = float(text)
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise ValueError
    return number


def _money(trait: Trait, text: str, zone: tzinfo) -> int:
    minor = Decimal(text).scaleb(places(trait.currency))
    if minor != minor.to_integral_value():
        raise ValueError
    return _whole(int(minor))


def _time(trait: Trait, text: str, zone: tzinfo) -> int:
    moment = datetime.fromisoformat(text)
    return clock.from_datetime(moment if moment.tzinfo else _placed(moment, zone))


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    """A time in a zone; a pytz zone has to place it itself, or it would give the town's local mean time."""
    localize: Callable[[datetime], datetime] | None = getattr(zone, "localize", None)
    return localize(moment) if localize else moment.replace(tzinfo=zone)


def _whole(number: int) -> int:
    if abs(number) > MAX_NUMBER:
        raise ValueError
    return number


def _code(trait: Trait, text: str) -> str:
    if trait.choices and text not in trait.choices:
        raise Refusal(f"{trait.title} has no choice '{text[:40]}'.", field="value")
    return text


_READERS: dict[Kind, Callable[[Trait, str, tzinfo], Any]] = {
    "text": _text,
    "number": _number,
    "integer": lambda trait, text, zone: _whole(int(text)),
    "money": _money,
    "boolean": lambda trait, text, zone: _BOOLEANS[text.lower()],
    "date": lambda trait, text, zone: date.fromisoformat(text).isoformat(),
    "time": _time,
    "choice": lambda trait, text, zone: _code(trait, text),
}


def in_rule(trait: Trait, value: Any) -> Any:
    """A value as it stands in a rule's tree."""
    return {"amount": value, "currency": trait.currency} if trait.kind == "money" else value


def from_rule(trait: Trait, value: Any) -> Any:
    """A value of a rule's tree as a row holds it."""
    return value["amount"] if trait.kind == "money" else value


def in_field(trait: Trait, value: Any, zone: tzinfo) -> str:
    """A value as the field of a form shows it."""
    if value is None:
        return ""
    match trait.kind:
        case "money":
            return str(Decimal(value).scaleb(-places(trait.currency)))
        case "boolean":
            return "1" if value else "0"
        case "time":
            return datetime.fromtimestamp(value / 1000, zone).strftime("%Y-%m-%dT%H:%M")
        case "number":
            return f"{value:g}" if value == int(value) and abs(value) < 1e15 else repr(float(value))
        case _:
            return str(value)


def in_file(bound: Bound, column: Column, value: Any) -> Any:
    """A value as an exported cell: text, int, float, Decimal, date or datetime (UTC); None for empty."""
    if value is None:
        return None
    kind, choices = bound.value_kind(column), bound.choices(column)
    if kind == "money":
        return Decimal(value).scaleb(-places(bound.currency(column)))
    if kind == "set":
        return ", ".join(choices.get(item, item) for item in value)
    return _IN_FILES[kind](value) if kind in _IN_FILES else choices.get(value, value)


_IN_FILES: dict[Kind, Callable[[Any], Any]] = {
    "boolean": lambda value: "yes" if value else "no",
    "date": date.fromisoformat,
    "time": lambda value: datetime.fromtimestamp(value / 1000, UTC),
    "number": lambda value: value,
    "integer": lambda value: value,
}


@cache
def places(currency: str) -> int:
    """Decimals of a currency's amounts."""
    return get_currency_precision(currency)
