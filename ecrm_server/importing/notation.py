"""How a column writes its dates and numbers: found out from its first rows, asked where both readings fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

DATES = ("auto", "day first", "month first")
DECIMALS = ("auto", "point", "comma")

_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](?:\d{4}|\d{2})(?!\d)")
_NOT_NUMBER = re.compile(r"[^\d.,]")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")


@dataclass(frozen=True, slots=True)
class Notation:
    """day_first: of dates such as 03/04/2026. comma: whether it parts the decimals. zone: of times that name none."""

    day_first: bool = True
    comma: bool = False
    zone: str = "UTC"


class UnclearError(ValueError):
    """Both readings fit a column; the message is the rest of a sentence that begins with the column's name."""


def day_first(cells: Iterable[str], choice: str = "auto") -> bool:
    """Whether the day comes before the month. Raises UnclearError."""
    if choice != "auto":
        return choice == "day first"
    doubtful = ""
    for cell in cells:
        found = _PARTS.match(cell)
        if found is None:
            continue
        first, separator, second = int(found[1]), found[2], int(found[3])
        # Dots are written where the day comes first, everywhere.
        if separator == "." or first > 12:
            return True
        if second > 12:
            return False
        if first != second:
            doubtful = doubtful or cell
    if doubtful:
        raise UnclearError(f"says {doubtful[:20]}, which can be read in two ways. Choose whether the day comes first")
    return True


def decimal_comma(cells: Iterable[str], choice: str = "auto", *, whole: bool = False) -> bool:
    """Whether the comma parts the decimals. whole: of whole numbers, which have none. Raises UnclearError."""
    if choice != "auto":
        return choice == "comma"
    doubtful = ""
    for cell in cells:
        digits = _NOT_NUMBER.sub("", cell)
        commas, points = digits.count(","), digits.count(".")
        if commas and points:
            return digits.rfind(",") > digits.rfind(".")
        if commas + points > 1:
            return points > 1
        found = _THOUSANDS.fullmatch(digits)
        if found is None and commas + points:
            return bool(commas)
        if found and not doubtful:
            doubtful = cell
    if doubtful and not whole:
        raise UnclearError(f"says {doubtful[:20]}, which can be read in two ways. Choose what parts the decimals")
    return "." in doubtful  # of whole numbers: what stands there parts thousands
