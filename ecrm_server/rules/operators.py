"""The operators of conditions: which kinds they compare, what they take, and what they mean in memory and in SQL.

Only the positive word of each pair is defined here; the negative one ("is not") is its exact opposite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from ecrm_server.rules import columns, relative
from ecrm_server.rules.columns import Fragment
from ecrm_server.rules.trait import KINDS, Kind
from ecrm_server.rules.tree import Condition

Test = Callable[[Any, int], bool]
"""Whether a value that is not empty passes at a moment."""


class Takes(Enum):
    """What an operator is given as ``value``."""

    NOTHING = "no value"
    ONE = "one value"
    PAIR = "a list of two values, the smaller first"
    MANY = "a list of values"
    DAYS = "a number of days"
    DAYS_PAIR = "a list of two numbers of days, the smaller first"


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison.

    says, denies: the words after the trait's title, for the operator and for its negative.
    test: made once for each condition. sql: the condition's text for a moment.
    changes: the moments at which the answer for one value changes with time alone. most_days: for DAYS.
    on_empty: the answer for an empty value.
    """

    name: str
    kinds: tuple[Kind, ...]
    takes: Takes
    says: str
    test: Callable[[Condition, ZoneInfo], Test]
    sql: Callable[[Condition, int, ZoneInfo], Fragment]
    negative: str = ""
    denies: str = ""
    changes: Callable[[Condition, Any, int, ZoneInfo], Iterable[int]] | None = None
    most_days: int = 36_500
    on_empty: bool = False


SCALARS: tuple[Kind, ...] = ("text", "number", "money", "integer", "boolean", "date", "choice")
LISTED: tuple[Kind, ...] = ("text", "number", "integer", "choice")
AMOUNTS: tuple[Kind, ...] = ("number", "money", "integer")
MOMENTS: tuple[Kind, ...] = ("date", "time")


def _never(condition: Condition, zone: ZoneInfo) -> Test:
    return lambda value, as_of: False


def _is(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value == operand


def _one_of(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value in operand


def _contains(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: operand in value


def _starts(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value.startswith(operand)


def _less(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value < operand


def _at_most(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value <= operand


def _more(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value > operand


def _at_least(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: value >= operand


def _between(condition: Condition, zone: ZoneInfo) -> Test:
    first, last = condition.operand
    return lambda value, as_of: first <= value <= last


def _any_of(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: not operand.isdisjoint(value)


def _all_of(condition: Condition, zone: ZoneInfo) -> Test:
    operand = condition.operand
    return lambda value, as_of: operand.issubset(value)


_DAYS, _DAYS_PAIR = Takes.DAYS, Takes.DAYS_PAIR

_ALL: tuple[Operator, ...] = (
    Operator(
        "is empty", KINDS, Takes.NOTHING, "is empty", _never, columns.is_empty,
        "is not empty", "is not empty", on_empty=True,
    ),
    Operator("is", SCALARS, Takes.ONE, "is {0}", _is, columns.compared("="), "is not", "is not {0}"),
    Operator(
        "one of", LISTED, Takes.MANY, "is one of {0}", _one_of, columns.one_of, "not one of", "is none of {0}"
    ),
    Operator(
        "contains", ("text",), Takes.ONE, "contains {0}", _contains, columns.contains,
        "does not contain", "does not contain {0}",
    ),
    Operator("starts with", ("text",), Takes.ONE, "starts with {0}", _starts, columns.starts_with),
    Operator("<", AMOUNTS, Takes.ONE, "is less than {0}", _less, columns.compared("<")),
    Operator("<=", AMOUNTS, Takes.ONE, "is at most {0}", _at_most, columns.compared("<=")),
    Operator(">", AMOUNTS, Takes.ONE, "is more than {0}", _more, columns.compared(">")),
    Operator(">=", AMOUNTS, Takes.ONE, "is at least {0}", _at_least, columns.compared(">=")),
    Operator("before", MOMENTS, Takes.ONE, "is before {0}", _less, columns.compared("<")),
    Operator("after", MOMENTS, Takes.ONE, "is after {0}", _more, columns.compared(">")),
    Operator(
        "between", (*AMOUNTS, *MOMENTS), Takes.PAIR, "is between {0} and {1}", _between, columns.between
    ),
    Operator(
        "has any of", ("set",), Takes.MANY, "contain any of {0}", _any_of, columns.has_any,
        "has none of", "contain none of {0}",
    ),
    Operator("has all of", ("set",), Takes.MANY, "contain all of {0}", _all_of, columns.has_all),
    Operator(
        "within last days", MOMENTS, _DAYS, "is within the last {0} days", relative.test, relative.sql,
        changes=relative.changes,
    ),
    Operator(
        "more than days ago", MOMENTS, _DAYS, "is more than {0} days ago", relative.test, relative.sql,
        changes=relative.changes,
    ),
    Operator(
        "days ago between", MOMENTS, _DAYS_PAIR, "is between {0} and {1} days ago", relative.test, relative.sql,
        changes=relative.changes,
    ),
    Operator(
        "within next days", MOMENTS, _DAYS, "is within the next {0} days", relative.test, relative.sql,
        changes=relative.changes,
    ),
    Operator(
        "anniversary within days", ("date",), _DAYS, "has its anniversary within {0} days",
        relative.anniversary_test, relative.anniversary_sql,
        changes=relative.anniversary_changes, most_days=364,
    ),
)  # fmt: skip

OPERATORS: dict[str, tuple[Operator, bool]] = {
    word: (operator, negated)
    for operator in _ALL
    for word, negated in ((operator.name, False), (operator.negative, True))
    if word
}
"""Each word that a tree may use for ``op`` -> the operator, and whether the word is its negative."""


def words_for(kind: Kind) -> tuple[str, ...]:
    """The words that a condition on a trait of this kind may use, in the order of this module."""
    return tuple(word for word, (operator, _) in OPERATORS.items() if kind in operator.kinds)
