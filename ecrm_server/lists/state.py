"""What somebody looks at: filter, search, sort, columns and grouping. It stands in the address and in stored views."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ecrm_server.errors import Refusal
from ecrm_server.lists.bound import Bound
from ecrm_server.rules import Rule

LAYOUTS = ("table", "board")
MOST_COLUMNS = 60
MOST_SEARCH = 200
NAMES = ("filter", "q", "sort", "columns", "group", "layout")
"""The parameters of an address that make a state."""


@dataclass(frozen=True, slots=True)
class State:
    """One way to look at a list. filter: a rule tree or None. sort: a column's key, ``-`` before it for descending.

    columns: keys in the order shown; empty for the list's own. group: key of the column that groups, or "".
    """

    filter: dict[str, Any] | None = None
    q: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    group: str = ""
    layout: str = "table"

    def stored(self) -> dict[str, Any]:
        """As a stored view keeps it: only what differs from the list's own."""
        return {
            name: list(value) if name == "columns" else value
            for name in NAMES
            if (value := getattr(self, name)) != getattr(_EMPTY, name)
        }

    def arguments(self) -> dict[str, str]:
        """As it stands in an address."""
        found = self.stored()
        if self.filter is not None:
            found["filter"] = json.dumps(self.filter, separators=(",", ":"), ensure_ascii=False)
        if self.columns:
            found["columns"] = ",".join(self.columns)
        return found

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def sorted_by(self) -> str:
        """The key of the column that sorts."""
        return self.sort.removeprefix("-")


_EMPTY = State()


def read(arguments: Mapping[str, str], base: State = _EMPTY) -> State:
    """The state of an address: what it names replaces that of ``base`` (a stored view's). Raises Refusal.

    Only its form is checked; ``check`` asks whether the list knows what it names.
    """
    changes: dict[str, Any] = {name: arguments[name].strip() for name in NAMES if name in arguments}
    if "filter" in changes:
        changes["filter"] = _tree(changes["filter"])
    if "columns" in changes:
        changes["columns"] = tuple(dict.fromkeys(key for key in changes["columns"].split(",") if key))
    return replace(base, **changes)


def restored(stored: Any) -> State:
    """The state of a stored view."""
    found: dict[str, Any] = stored if isinstance(stored, dict) else {}
    changes: dict[str, Any] = {name: found[name] for name in NAMES if name in found}
    return replace(_EMPTY, **changes | {"columns": tuple(found.get("columns", ()))})


def check(state: State, bound: Bound) -> Rule | None:
    """The filter as a rule, None without one. Raises Refusal for every column, trait or value that is not known."""
    for key in (state.sorted_by, state.group, *state.columns):
        if key and key != "id" and key not in bound.columns:
            raise Refusal(f"This list has no column '{key[:60]}'.", field="columns")
    sorting = bound.columns.get(state.sorted_by)
    if sorting is not None and not bound.may_sort(sorting):
        raise Refusal(f"The list cannot be sorted by {bound.title(sorting)}.", field="sort")
    if state.group and not bound.columns[state.group].group:
        raise Refusal(f"The list cannot be grouped by {bound.title(bound.columns[state.group])}.", field="group")
    if state.layout not in LAYOUTS or (state.layout == "board" and not state.group):
        raise Refusal("A board needs a column that groups it.", field="layout")
    if len(state.q) > MOST_SEARCH or len(state.columns) > MOST_COLUMNS:
        raise Refusal("This search is too long.", field="q")
    return None if state.filter is None else bound.parse(state.filter)


def without_unknown(state: State, bound: Bound) -> State:
    """A stored view for an actor who may see fewer columns than its owner, or after a column went away.

    The filter stays whole: leaving a part of it out would show rows that the view was to hide.
    """
    sorting, grouping = bound.columns.get(state.sorted_by), bound.columns.get(state.group)
    may_group = grouping is not None and grouping.group
    return replace(
        state,
        columns=tuple(key for key in state.columns if key in bound.columns),
        sort=state.sort if state.sorted_by == "id" or (sorting and bound.may_sort(sorting)) else "",
        group=state.group if may_group else "",
        layout=state.layout if may_group else "table",
    )


def _tree(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters are no text: no page could show them
    except (ValueError, RecursionError) as error:
        raise Refusal("The filter in the address is no rule. Clear it and filter anew.", field="filter") from error
    if not isinstance(found, dict):
        raise Refusal("The filter in the address is no rule. Clear it and filter anew.", field="filter")
    return found
