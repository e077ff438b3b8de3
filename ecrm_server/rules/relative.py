"""Operators that compare with the moment a rule is asked about: their answers change with time alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ecrm_server.rules.columns import Fragment, column
from ecrm_server.rules.moments import Window, anniversary_span
from ecrm_server.rules.moments import anniversary_changes as changes_of_anniversary
from ecrm_server.rules.tree import Condition

WINDOWS: dict[str, Callable[[Any], Window]] = {
    "within last days": lambda days: Window(-days, 0),
    "more than days ago": lambda days: Window(None, -days, before=True),
    "days ago between": lambda pair: Window(-pair[1], -pair[0]),
    "within next days": lambda days: Window(0, days),
}


def window(condition: Condition) -> Window:
    """The span of days that a condition asks for."""
    return _window(condition.operator.name, condition.operand)


@lru_cache(maxsize=256)
def _window(name: str, operand: Any) -> Window:
    return WINDOWS[name](operand)


def test(condition: Condition, zone: ZoneInfo) -> Callable[[Any, int], bool]:
    """Whether a time or date lies in the window."""
    span = window(condition)
    edges: Callable[[int], tuple[Any, Any]] = (
        span.times if condition.trait.kind == "time" else lambda as_of: span.dates(as_of, zone)
    )
    remembered = _remembered(edges)

    def within(value: Any, as_of: int) -> bool:
        first, last = remembered(as_of)
        return value <= last and (first is None or value >= first)

    return within


def sql(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """The window as a comparison with values worked out here."""
    span = window(condition)
    edges: tuple[Any, Any] = span.times(as_of) if condition.trait.kind == "time" else span.dates(as_of, zone)
    left = column(condition.trait, as_of)
    if edges[0] is None:
        return Fragment(f"{left.text} <= ?", (*left.params, edges[1]))
    return Fragment(f"{left.text} BETWEEN ? AND ?", (*left.params, *edges))


def changes(condition: Condition, value: Any, as_of: int, zone: ZoneInfo) -> Iterable[int]:
    """When the value enters and leaves the window."""
    span = window(condition)
    if condition.trait.kind == "time":
        return span.time_changes(value)
    return span.date_changes(date.fromisoformat(value), zone)


def anniversary_test(condition: Condition, zone: ZoneInfo) -> Callable[[Any, int], bool]:
    """Whether the day of the year lies in the span."""
    days = condition.operand
    remembered = _remembered(lambda as_of: anniversary_span(days, as_of, zone))

    def within(value: Any, as_of: int) -> bool:
        first, last = remembered(as_of)
        day = value[5:]
        return first <= day <= last if first <= last else day >= first or day <= last

    return within


def anniversary_sql(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """The span as a comparison of the text's month and day."""
    span = anniversary_span(condition.operand, as_of, zone)
    left = column(condition.trait, as_of)
    day = f"SUBSTR({left.text}, 6, 5)"
    if span[0] <= span[1]:
        return Fragment(f"{day} BETWEEN ? AND ?", (*left.params, *span))
    return Fragment(f"({day} >= ? OR {day} <= ?)", (*left.params, span[0], *left.params, span[1]))


def anniversary_changes(condition: Condition, value: Any, as_of: int, zone: ZoneInfo) -> Iterable[int]:
    """When an anniversary comes near, and when it has passed."""
    return changes_of_anniversary(date.fromisoformat(value), condition.operand, as_of, zone)


def _remembered(edges: Callable[[int], tuple[Any, Any]]) -> Callable[[int], tuple[Any, Any]]:
    """Keep the last answer: many subjects are asked about at one moment. The pair is swapped whole, for threads."""
    last: tuple[int | None, tuple[Any, Any]] = (None, (None, None))

    def asked(as_of: int) -> tuple[Any, Any]:
        nonlocal last
        kept = last
        if kept[0] != as_of:
            kept = last = (as_of, edges(as_of))
        return kept[1]

    return asked
