"""What a state shows: the query behind it, a page of rows or groups of them, a count, and why it was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ecrm_server.data import TooSlow, time_limit
from ecrm_server.lists import cursor
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import Column
from ecrm_server.lists.query import Page, Query, Row, rule_of
from ecrm_server.lists.state import State
from ecrm_server.lists.ways import LIMIT, find
from ecrm_server.rules import Rule
from ecrm_server.rules.tree import conditions

SIZE = 50
"""Rows of a page, and cards of a column of a board."""
GROUP_SIZE = 25


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with one value of the column that groups. value: None for those without."""

    value: str | None
    title: str
    rows: list[Row]
    more: bool


@dataclass(slots=True)
class Look:
    """What is to be seen. count: None when it is not known; above ``COUNT_LIMIT`` there are more.

    stopped: the query took too long; ``slow`` is the column that made it so, as far as one can say.
    """

    page: Page = field(default_factory=lambda: Page([]))
    groups: list[Group] = field(default_factory=list)
    count: int | None = None
    stopped: bool = False
    slow: Column | None = None


def shown_columns(bound: Bound, state: State) -> list[Column]:
    """The columns of a state, or those that the list shows by itself."""
    if state.columns:
        return [bound.columns[key] for key in state.columns]
    return [column for column in bound.columns.values() if column.default]


def asked(bound: Bound, state: State, rule: Rule | None, as_of: int) -> Query:
    """The query of a state. rule: its filter, as ``state.check`` gave it."""
    sort = state.sort or bound.kind.sort
    return Query(
        bound,
        as_of,
        rule_of(bound, rule, state.q),
        shown_columns(bound, state),
        bound.columns.get(sort.removeprefix("-")),
        sort.startswith("-"),
    )


def look(bound: Bound, state: State, rule: Rule | None, as_of: int, *, after: str = "", before: str = "") -> Look:
    """Ask for what a state shows. Raises Refusal for a place that was not given out."""
    query = asked(bound, state, rule, as_of)
    kind = bound.value_kind(query.sort) if query.sort else None
    start, end = cursor.read(after, kind), cursor.read(before, kind)
    found = Look()
    try:
        if state.group:
            with time_limit(LIMIT):
                found.groups = _groups(bound, state, rule, query)
            if not any(group.more for group in found.groups):
                found.count = sum(len(group.rows) for group in found.groups)
        else:
            rows = find(query, SIZE, start, end)
            found.page, found.count = rows.page, rows.count
    except TooSlow:
        found.stopped, found.slow = True, _slow(bound, query)
    return found


def _groups(bound: Bound, state: State, rule: Rule | None, query: Query) -> list[Group]:
    column = bound.columns[state.group]
    trait = column.trait
    if column not in query.columns:  # the board moves a card by its value
        query = replace(query, columns=[*query.columns, column])
    wanted: list[tuple[str | None, str]] = [*group_choices(bound, column), (None, "")]
    found = []
    for value, title in wanted:
        condition = {"trait": trait, "op": "is empty"} if value is None else {
            "trait": trait, "op": "is", "value": bound_value(bound, column, value)}  # fmt: skip
        rows = replace(query, rule=rule_of(bound, rule, state.q, condition)).page(GROUP_SIZE)
        if rows.rows or value is not None:
            found.append(Group(value, title, rows.rows, rows.after is not None))
    return found


def group_choices(bound: Bound, column: Column) -> Sequence[tuple[str, str]]:
    """(value, title) of what a column groups into."""
    if bound.value_kind(column) == "boolean":
        return [("1", "Yes"), ("0", "No")]
    return list(bound.choices(column).items())


def bound_value(bound: Bound, column: Column, value: str) -> bool | str:
    """A group's value as a rule compares it."""
    return value == "1" if bound.value_kind(column) == "boolean" else value


def _slow(bound: Bound, query: Query) -> Column | None:
    """The column without an index that most likely made a query slow: that which sorts, else one that filters."""
    if query.sort is not None and not query.sort.indexed:
        return query.sort
    asked_for = conditions(query.rule.root) if query.rule is not None else ()
    columns = [bound.column_of(item.trait.name) for item in asked_for]
    return next((column for column in columns if column is not None and not column.indexed), None)
