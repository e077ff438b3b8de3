"""How the cells of several rows become one value, where rows that repeat a key are taken together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ecrm_server.importing.kind import Field

FIRST = "first"
_Function = Callable[[Sequence[Any]], Any]


def _sum(values: Sequence[Any]) -> Any:
    return sum(values) if isinstance(values[0], int) else math.fsum(values)


def _average(values: Sequence[Any]) -> float:
    return _sum(values) / len(values)


def _different(values: Sequence[Any]) -> int:
    return len(set(values))


def _all(values: Sequence[Any]) -> list[Any]:
    return sorted({member for value in values for member in value})


_FUNCTIONS: Mapping[str, _Function] = {
    FIRST: lambda values: values[0],
    "last": lambda values: values[-1],
    "smallest": min,
    "largest": max,
    "sum": _sum,
    "average": _average,
    "median": statistics.median,
    "rows": len,
    "different": _different,
    "all": _all,
}
HOWS = tuple(_FUNCTIONS)
SINGLE = frozenset((FIRST, "last"))
"""Those that take one value of several; that the others differ is worth telling."""
COUNTING = frozenset(("rows", "different"))
"""Those that count cells, whatever stands in them."""

_ORDERED = frozenset(("integer", "number", "money", "date", "time"))
_NUMBERS = frozenset(("integer", "number", "money"))


def possible(item: Field) -> list[str]:
    """The ways that make sense for a field."""
    if item.several:
        return [FIRST, "last", "all"]
    found = [FIRST, "last"]
    if item.convert is None and item.resolve is None and item.type in _ORDERED:
        found += ["smallest", "largest"]
        found += ["sum", "average", "median"] if item.type in _NUMBERS else []
        found += ["rows", "different"] if item.type in ("integer", "number") else []
    return found


def collector(item: Field, how: str) -> _Function:
    """The function from the values of some rows, at least one, to the one of the field's type."""
    function = _FUNCTIONS[how]
    if how in ("average", "median") and item.type in ("integer", "money"):
        return lambda values: _rounded(function(values))
    return (lambda values: float(function(values))) if item.type == "number" else function


def _rounded(value: float) -> int:
    """Half up, as money is rounded everywhere."""
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))
