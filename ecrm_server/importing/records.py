"""From text attributes to values: a small compiled reader for each kind of row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.xmlrows import row_label

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?")
_SMALL = 2**31
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def integer(text: str) -> int:
    """A whole number that fits a column of 64 bits."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"is '{text[:40]}', which is no whole number")
    return int(text)


def small(text: str) -> int:
    """A whole number that fits a column of 32 bits."""
    value = integer(text)
    if not -_SMALL < value < _SMALL:
        raise ValueError(f"is {text[:40]}, which is out of range")
    return value


def moment(text: str) -> int:
    """A naive ISO 8601 time, taken as UTC, in milliseconds."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        parsed = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"is '{text[:40]}', which is no time such as 2010-08-25T19:50:51.187") from None
    return round(parsed.timestamp() * 1000)


def boolean(text: str) -> bool:
    """True or False, however they are written."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(f"is '{text[:40]}', which is neither True nor False")
    return value


def text(value: str) -> str:
    """Any text."""
    return value


def filled(value: str) -> str:
    """A text that says something."""
    if not value.strip():
        raise ValueError("is empty")
    return value


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a row. read: gets the text and returns the value, or raises ValueError with the rest of a
    sentence that begins with the attribute's name."""

    name: str
    read: Callable[[str], Any]
    required: bool = True


class RecordReader:
    """Turns the attributes of a row into a dict of values; an absent optional one is None, unknown ones are left."""

    def __init__(self, file: str, attributes: Iterable[Attribute]) -> None:
        self.file = file
        self._attributes = [(item.name, item.read, item.required) for item in attributes]

    def read(self, number: int, attributes: dict[str, str]) -> dict[str, Any]:
        """The values of a row. Raises InputError."""
        values: dict[str, Any] = {}
        for name, read, required in self._attributes:
            found = attributes.get(name)
            if found is None:
                if required:
                    raise self.fault(number, attributes, f"the attribute {name} is missing.")
                values[name] = None
                continue
            try:
                values[name] = read(found)
            except ValueError as error:
                raise self.fault(number, attributes, f"{name} {error}.") from None
        return values

    def fault(self, number: int, attributes: dict[str, str], sentence: str) -> InputError:
        """The error for a row."""
        return InputError(Problem(self.file, row_label(number, attributes), sentence))
