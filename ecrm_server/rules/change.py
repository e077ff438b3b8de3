"""When the answer of a rule may change although nothing about the subject does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from ecrm_server.rules.memory import compiled
from ecrm_server.rules.tree import All, AnyOf, Condition, Nested, Node, Not, Rule, conditions

Forecast = Callable[[Any, int], tuple[bool, int | None]]
"""``(subject, as_of) -> (the answer now, when it may change)``."""


def time_dependent(rule: Rule) -> bool:
    """Whether time alone can change the answer for anybody; if not, nobody has a next change."""
    return _timed(rule.root)


def changeable(rule: Rule) -> Rule:
    """A rule that holds for every subject whose answer time alone may change, and perhaps for others: what a rule asks
    beside time must hold already, or time does not matter."""
    return replace(rule, root=All(tuple(part for part in _all_of(rule.root) if not _timed(part))), compiled={})


def _all_of(node: Node) -> tuple[Node, ...]:
    return tuple(inner for part in node.parts for inner in _all_of(part)) if isinstance(node, All) else (node,)


def _timed(node: Node) -> bool:
    return any(condition.operator.changes for condition in conditions(node))


def next_change(rule: Rule, subject: Any, as_of: int) -> int | None:
    """The next moment (ms) after ``as_of`` at which the answer for a subject may change with time alone.

    Never later than the first actual change; None when there is none. It may be earlier: ask again at that moment.
    """
    return forecast(rule)(subject, as_of)[1]


def forecast(rule: Rule) -> Forecast:
    """A function that gives the answer and its next change together, for many subjects in a row."""
    found: Forecast | None = rule.compiled.get("forecast")
    if found is None:
        found = rule.compiled["forecast"] = _node(rule.root, rule.traits.zone)
    return found


def _node(node: Node, zone: ZoneInfo) -> Forecast:
    match node:
        case Condition():
            return _condition(node, zone)
        case All():
            return _parts(node.parts, zone, every=True)
        case AnyOf():
            return _parts(node.parts, zone, every=False)
        case Not():
            return _not(_node(node.part, zone))
        case Nested():
            return _node(node.part, zone)


def _condition(condition: Condition, zone: ZoneInfo) -> Forecast:
    holds, changes, value_of = compiled(condition, zone), condition.operator.changes, condition.trait.value
    if changes is None:
        return lambda subject, as_of: (holds(subject, as_of), None)

    def foreseen(subject: Any, as_of: int) -> tuple[bool, int | None]:
        value = value_of(subject)
        moments = () if value is None else changes(condition, value, as_of, zone)
        return holds(subject, as_of), min((at for at in moments if at > as_of), default=None)

    return foreseen


def _not(part: Forecast) -> Forecast:
    def foreseen(subject: Any, as_of: int) -> tuple[bool, int | None]:
        answer, change = part(subject, as_of)
        return not answer, change

    return foreseen


def _parts(nodes: tuple[Node, ...], zone: ZoneInfo, *, every: bool) -> Forecast:
    """All (``every``) or any of the parts.

    "All" is false as long as one part is: it waits for the last of its false parts to change, and for ever
    when one of them never does. While it is true, the first change of any part counts. "Any" mirrors it.
    """
    fixed = tuple(compiled(node, zone) for node in nodes if not _timed(node))
    parts = tuple(_node(node, zone) for node in nodes if _timed(node))

    def foreseen(subject: Any, as_of: int) -> tuple[bool, int | None]:
        for holds in fixed:
            if holds(subject, as_of) is not every:
                return not every, None
        found = [part(subject, as_of) for part in parts]
        deciding = [change for answer, change in found if answer is not every]
        if not deciding:
            return every, min((change for _, change in found if change is not None), default=None)
        if None in deciding:
            return not every, None
        return not every, max(change for change in deciding if change is not None)

    return foreseen
