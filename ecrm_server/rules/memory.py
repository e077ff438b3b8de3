"""A rule in memory: compiled to closures once, then asked about one subject after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from ecrm_server.rules.tree import All, AnyOf, Condition, Nested, Node, Not, Rule

Predicate = Callable[[Any, int], bool]
"""``(subject, as_of) -> whether the rule holds``."""


def evaluate(rule: Rule, subject: Any, as_of: int) -> bool:
    """Whether a rule holds for a subject at a moment (ms since 1970 UTC)."""
    return predicate(rule)(subject, as_of)


def predicate(rule: Rule) -> Predicate:
    """The rule as a function; keep it in a variable where many subjects are asked about."""
    found: Predicate | None = rule.compiled.get("predicate")
    if found is None:
        found = rule.compiled["predicate"] = compiled(rule.root, rule.traits.zone)
    return found


def compiled(node: Node, zone: ZoneInfo) -> Predicate:
    """A node as a function."""
    match node:
        case Condition():
            return _condition(node, zone)
        case All():
            return _all(tuple(compiled(part, zone) for part in node.parts))
        case AnyOf():
            return _any(tuple(compiled(part, zone) for part in node.parts))
        case Not():
            return _not(compiled(node.part, zone))
        case Nested():
            return compiled(node.part, zone)


def _condition(condition: Condition, zone: ZoneInfo) -> Predicate:
    value_of, test = condition.trait.value, condition.operator.test(condition, zone)
    on_empty, negated = condition.operator.on_empty, condition.negated

    def holds(subject: Any, as_of: int) -> bool:
        value = value_of(subject)
        return (on_empty if value is None else test(value, as_of)) is not negated

    return holds


# Plain loops: a generator inside all() costs more than the comparisons themselves.
def _all(parts: tuple[Predicate, ...]) -> Predicate:
    def holds(subject: Any, as_of: int) -> bool:
        for part in parts:  # noqa: SIM110
            if not part(subject, as_of):
                return False
        return True

    return holds


def _any(parts: tuple[Predicate, ...]) -> Predicate:
    def holds(subject: Any, as_of: int) -> bool:
        for part in parts:  # noqa: SIM110
            if part(subject, as_of):
                return True
        return False

    return holds


def _not(part: Predicate) -> Predicate:
    return lambda subject, as_of: not part(subject, as_of)
