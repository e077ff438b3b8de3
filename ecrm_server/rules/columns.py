"""Operators as SQL text, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from ecrm_server.rules.trait import AS_OF, Expression, Members, Trait
from ecrm_server.rules.tree import Condition


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL with the values of its placeholders.

    certain: it is never NULL; the others are NULL where the trait is empty.
    """

    text: str
    params: tuple[Any, ...] = ()
    certain: bool = False


_NAME = re.compile(r"\w+(\.\w+)?")

Writer = Callable[[Condition, int, ZoneInfo], Fragment]


def filled(params: Iterable[Any], as_of: int) -> tuple[Any, ...]:
    """Parameters with the moment in the place of ``AS_OF``."""
    return tuple(as_of if param is AS_OF else param for param in params)


def column(trait: Trait, as_of: int) -> Fragment:
    """The expression of a trait that is no set."""
    expression = cast(Expression, trait.sql)
    text = expression.text if _NAME.fullmatch(expression.text) else f"({expression.text})"
    return Fragment(text, filled(expression.params, as_of))


def compared(sign: str) -> Writer:
    """A comparison with one value."""

    def write(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
        left = column(condition.trait, as_of)
        return Fragment(f"{left.text} {sign} ?", (*left.params, condition.operand))

    return write


def between(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """A comparison with two values, both included."""
    left = column(condition.trait, as_of)
    return Fragment(f"{left.text} BETWEEN ? AND ?", (*left.params, *condition.operand))


def one_of(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """A look into a list of values."""
    left = column(condition.trait, as_of)
    return Fragment(
        f"{left.text} IN ({_marks(condition.operand)})", (*left.params, *sorted(condition.operand))
    )


def contains(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """A part of a key. Keys hold no capitals, so that SQLite's LIKE, which ignores case, agrees with PostgreSQL's."""
    left = column(condition.trait, as_of)
    return Fragment(f"{left.text} LIKE ? ESCAPE '!'", (*left.params, f"%{_literal(condition.operand)}%"))


def starts_with(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """The beginning of a key."""
    left = column(condition.trait, as_of)
    return Fragment(f"{left.text} LIKE ? ESCAPE '!'", (*left.params, f"{_literal(condition.operand)}%"))


def is_empty(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """Nothing there: NULL, an empty text, or no member."""
    trait = condition.trait
    if trait.kind == "set":
        found = _member(trait, as_of, "<> ''", ())
        return Fragment(f"NOT {found.text}", found.params, certain=True)
    left = column(trait, as_of)
    text = f"COALESCE({left.text}, '') = ''" if trait.kind in ("text", "choice") else f"{left.text} IS NULL"
    return Fragment(text, left.params, certain=True)


def has_any(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """At least one of the members."""
    members = sorted(condition.operand)
    return _member(condition.trait, as_of, f"IN ({_marks(members)})", members)


def has_all(condition: Condition, as_of: int, zone: ZoneInfo) -> Fragment:
    """Each of the members."""
    found = [_member(condition.trait, as_of, "= ?", (member,)) for member in sorted(condition.operand)]
    return Fragment(
        " AND ".join(piece.text for piece in found),
        tuple(param for piece in found for param in piece.params),
        certain=True,
    )


def _member(trait: Trait, as_of: int, comparison: str, params: Iterable[Any]) -> Fragment:
    members = cast(Members, trait.sql)
    return Fragment(
        f"EXISTS (SELECT 1 FROM {members.source} AND {members.member} {comparison})",
        (*filled(members.params, as_of), *params),
        certain=True,
    )


def _marks(values: Iterable[Any]) -> str:
    return ", ".join("?" for _ in values)


def _literal(key: str) -> str:
    return key.replace("!", "!!").replace("%", "!%").replace("_", "!_")
