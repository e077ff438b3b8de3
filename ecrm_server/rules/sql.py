"""A rule as SQL for SQLite and PostgreSQL, to be run by ``Prepared``."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ecrm_server.rules.columns import Fragment, filled
from ecrm_server.rules.tree import All, AnyOf, Condition, Nested, Node, Not, Rule, conditions

_EVERYBODY = Fragment("1 = 1", certain=True)
_NOBODY = Fragment("1 = 0", certain=True)


def to_sql(rule: Rule, as_of: int, *, negated: bool = False) -> tuple[str, tuple[Any, ...]]:
    """The condition for WHERE with ``?`` placeholders, and their values, at a moment (ms since 1970 UTC).

    It names the columns of ``from_sql(rule)``. It is true for exactly the subjects the rule holds for, and false or
    NULL for the others: never write NOT before it, ask with ``negated=True`` for the subjects the rule does not hold
    for.
    """
    fragment = _written(rule.root, negated, as_of, rule.traits.zone)
    return fragment.text, fragment.params


def from_sql(rule: Rule, as_of: int) -> tuple[str, tuple[Any, ...]]:
    """What follows FROM: the subject's table and the joins that the rule reads, and the values of placeholders."""
    names = {name for condition in conditions(rule.root) for name in condition.trait.sql.joins}
    joins = rule.traits.joined(names)
    text = "".join(f" LEFT JOIN {join.text}" for join in joins)
    params = tuple(value for join in joins for value in filled(join.params, as_of))
    return f"{rule.traits.table} {rule.traits.alias}{text}", params


def query(
    rule: Rule,
    as_of: int,
    columns: str,
    *,
    negated: bool = False,
    also: str = "",
    params: tuple[Any, ...] = (),
) -> tuple[str, tuple[Any, ...]]:
    """A whole SELECT of the subjects a rule holds for.

    columns: what to select, over the subject's table. also: one more condition, with ``params``.

    >>> text, values = query(rule, clock.now(), "t.id", also="t.id > ?", params=(last,))
    >>> Prepared(f"{text} ORDER BY t.id LIMIT 11").tuples(*values)
    """
    source, source_params = from_sql(rule, as_of)
    condition, values = to_sql(rule, as_of, negated=negated)
    more = f" AND ({also})" if also else ""
    return f"SELECT {columns} FROM {source} WHERE ({condition}){more}", (*source_params, *values, *params)


def _written(node: Node, negated: bool, as_of: int, zone: ZoneInfo) -> Fragment:
    """A node with the negation pushed down to the conditions, so that no NULL ever stands below a NOT."""
    match node:
        case Condition():
            return _condition(node, negated, as_of, zone)
        case All():
            return _joined(node.parts, "OR" if negated else "AND", negated, as_of, zone)
        case AnyOf():
            return _joined(node.parts, "AND" if negated else "OR", negated, as_of, zone)
        case Not():
            return _written(node.part, not negated, as_of, zone)
        case Nested():
            return _written(node.part, negated, as_of, zone)


def _condition(condition: Condition, negated: bool, as_of: int, zone: ZoneInfo) -> Fragment:
    found = condition.operator.sql(condition, as_of, zone)
    if condition.negated is negated:
        return found
    text = f"NOT ({found.text})" if found.certain else f"NOT COALESCE({found.text}, FALSE)"
    return Fragment(text, found.params, certain=True)


def _joined(parts: tuple[Node, ...], word: str, negated: bool, as_of: int, zone: ZoneInfo) -> Fragment:
    if not parts:
        return _EVERYBODY if word == "AND" else _NOBODY
    written = [_written(part, negated, as_of, zone) for part in parts]
    return Fragment(
        f" {word} ".join(f"({part.text})" for part in written),
        tuple(param for part in written for param in part.params),
        certain=all(part.certain for part in written),
    )
