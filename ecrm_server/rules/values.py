"""Reading the values of conditions: what they may be for each kind, and what they are compared as."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.rules.operators import Operator, Takes
from ecrm_server.rules.trait import Trait

MAX_TEXT = 500
"""Characters of one text in a rule."""
MAX_LIST = 500
"""Values in one list."""
MAX_NUMBER = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps exactly."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 40


class ValueFault(Exception):
    """A value is not usable. ``message`` continues the trait's title; ``index`` is its place in a list."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.message, self.index = message, index


def read(trait: Trait, operator: Operator, value: Any) -> Any:
    """The operand of a condition. Raises ValueFault."""
    if operator.takes is Takes.DAYS:
        return _days(value, operator.most_days)
    if operator.takes is Takes.DAYS_PAIR:
        return _pair(value, lambda item: _days(item, operator.most_days), operator.takes.value)
    if operator.takes is Takes.PAIR:
        return _pair(value, lambda item: scalar(trait, item), operator.takes.value)
    if operator.takes is Takes.MANY:
        return frozenset(_listed(trait, value))
    return scalar(trait, value)


def _pair(value: Any, one: Callable[[Any], Any], wanted: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueFault(f"needs {wanted}, not {shown(value)}.")
    pair = one(value[0]), one(value[1])
    if pair[0] > pair[1]:
        raise ValueFault(f"needs {wanted}. Put {shown(value[1])} before {shown(value[0])}.")
    return pair


def _listed(trait: Trait, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueFault(f"needs a list with at least one value, not {shown(value)}.")
    if len(value) > MAX_LIST:
        raise ValueFault(f"is compared with {len(value)} values. Name at most {MAX_LIST}.")
    found = []
    for index, item in enumerate(value):
        try:
            found.append(scalar(trait, item))
        except ValueFault as fault:
            raise ValueFault(fault.message, index) from None
    return found


def _days(value: Any, most: int) -> int:
    if not _whole(value) or not 0 <= value <= most:
        raise ValueFault(f"needs a whole number of days from 0 to {most}, not {shown(value)}.")
    return int(value)


def scalar(trait: Trait, value: Any) -> Any:
    """One value of the trait's kind, as it is compared. Raises ValueFault."""
    return _READERS[trait.kind](trait, value)


def _text(trait: Trait, value: Any) -> str:
    key = name_key(_storable(value))
    if not key:
        raise ValueFault("cannot be compared with an empty text. Use 'is empty' or 'is not empty'.")
    return key


def _code(trait: Trait, value: Any) -> str:
    if trait.choices:
        if not isinstance(value, str) or value not in trait.choices:
            known = ", ".join(sorted(trait.choices)[:10])
            more = ", and others" if len(trait.choices) > 10 else ""
            raise ValueFault(f"has no value {shown(value)}. Choose from: {known}{more}.")
        return value
    if value == "":
        raise ValueFault("cannot be compared with an empty text. Use 'is empty' or 'is not empty'.")
    return _storable(value)


def _storable(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueFault(f"needs a text in quotation marks, not {shown(value)}.")
    if len(value) > MAX_TEXT:
        raise ValueFault(f"is compared with a text of {len(value)} characters. Use at most {MAX_TEXT}.")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
        raise ValueFault("is compared with a text that holds control characters. Remove them.")
    return value


def _number(trait: Trait, value: Any) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
    if not usable or not math.isfinite(value):
        raise ValueFault(f"needs a number such as 2.5, not {shown(value)}.")
    return float(value)


def _integer(trait: Trait, value: Any) -> int:
    if not _whole(value):
        raise ValueFault(f"needs a whole number, not {shown(value)}.")
    return int(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _money(trait: Trait, value: Any) -> int:
    fields = isinstance(value, dict) and set(value) == {"amount", "currency"}
    if not fields or not _whole(value["amount"]):
        wanted = f'{{"amount": 1250, "currency": "{trait.currency}"}}'
        raise ValueFault(
            f"needs an amount in minor units with its currency, like {wanted}, not {shown(value)}."
        )
    if value["currency"] != trait.currency:
        raise ValueFault(
            f"is kept in {trait.currency}. Give the amount in it, not in {shown(value['currency'])}."
        )
    return int(value["amount"])


def _boolean(trait: Trait, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueFault(f"needs true or false, not {shown(value)}.")
    return value


def _date(trait: Trait, value: Any) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise ValueFault(f"needs a date of the calendar, and {shown(value)} is none.") from None
    raise ValueFault(f'needs a date like "2026-03-31", not {shown(value)}.')


def _time(trait: Trait, value: Any) -> int:
    if not _whole(value):
        raise ValueFault(f"needs a time in milliseconds since 1970 UTC, not {shown(value)}.")
    return int(value)


_READERS: dict[str, Callable[[Trait, Any], Any]] = {
    "text": _text, "number": _number, "money": _money, "integer": _integer, "boolean": _boolean,
    "date": _date, "time": _time, "choice": _code, "set": _code,
}  # fmt: skip


def shown(value: Any) -> str:
    """A value from outside as a sentence may hold it: short, printable, and safe for any size."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return "a number that large"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        visible = "".join(letter if letter.isprintable() else " " for letter in value[:_SHOWN])
        return f"'{visible}{'...' if len(value) > _SHOWN else ''}'"
    return "a list" if isinstance(value, list) else "an object"
