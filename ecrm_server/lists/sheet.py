"""A list as its page draws it: addresses of every change, the filter in words, values as the visitor reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from babel.numbers import format_currency
from flask_babel import get_locale, gettext

from ecrm_server.lists import filters, stored, values
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import Column
from ecrm_server.lists.look import Group, Look, group_choices, shown_columns
from ecrm_server.lists.query import COUNT_LIMIT, Row
from ecrm_server.lists.state import NAMES, State
from ecrm_server.lists.stored import View
from ecrm_server.rules import Rule, Trait, describe

# The least widths of columns: lists.css has the same numbers.
_REM = {"narrow": 6.0, "small": 7.5, "middle": 9.0, "wide": 12.0, "widest": 14.0}
_TICKS, _STEP = 2.5, 4
_BY_SHOW = {"badge": "narrow", "code": "narrow", "email": "wide", "long": "wide", "person": "middle"}
_BY_KIND = {"number": "narrow", "integer": "narrow", "money": "small", "boolean": "narrow", "date": "small",
            "time": "small", "choice": "small"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """The form of one condition. operators: (word, what it takes). index: of the part it changes, None for a new one.

    values: texts of its fields.
    """

    trait: Trait
    operators: list[tuple[str, str]]
    word: str
    values: list[str]
    index: int | None
    error: str = ""


@dataclass(slots=True)
class Sheet:
    """Everything that the template of a list needs. path: of the page. base: the state of the view in the address."""

    bound: Bound
    path: str
    state: State
    base: State
    view: View | None
    views: list[View]
    view_named: bool
    look: Look
    zone: tzinfo
    rule: Rule | None = None
    fault: str = ""
    form: ConditionForm | None = None

    @property
    def kind(self) -> Any:
        return self.bound.kind

    @property
    def changed(self) -> bool:
        """Whether the state differs from that of the view (or of the list)."""
        return self.state != self.base

    @property
    def columns(self) -> list[Column]:
        return shown_columns(self.bound, self.state)

    def url(self, state: State | None = None, **extra: Any) -> str:
        """The address of a state on this page; ``extra`` are further parameters."""
        found: dict[str, Any] = {"view": self.view["uid"] if self.view else ""} if self.view_named else {}
        found |= self.changes(state or self.state) | {name: value for name, value in extra.items() if value != ""}
        return f"{self.path}?{urlencode(found)}" if found else self.path

    def changes(self, state: State) -> dict[str, str]:
        """The parameters in which a state differs from the view."""
        old, new = self.base.arguments(), state.arguments()
        return {name: new.get(name, "") for name in NAMES if new.get(name, "") != old.get(name, "")}

    @property
    def here(self) -> str:
        """The address of what is shown."""
        return self.url()

    def parameters(self, *without: str) -> list[tuple[str, str]]:
        """The state as hidden fields of a form that changes some of it."""
        named = {"view": self.view["uid"] if self.view else ""} if self.view_named else {}
        found = named | self.changes(self.state)
        return [(name, value) for name, value in found.items() if name not in without]

    def sort_url(self, column: Column) -> str:
        """Sort by a column; by the one that sorts already, the other way round."""
        up = self.sorted(column) == "asc"
        return self.url(replace(self.state, sort=f"-{column.key}" if up else column.key))

    def sorted(self, column: Column) -> str:
        """asc, desc or nothing."""
        sort = self.state.sort or self.kind.sort
        return ("desc" if sort.startswith("-") else "asc") if sort.removeprefix("-") == column.key else ""

    def view_url(self, view: View | None) -> str:
        """Another view; None for the list's own."""
        if view is not None:
            return f"{self.path}?{urlencode({'view': view['uid']})}"
        return f"{self.path}?view=" if any(found["default"] for found in self.views) else self.path

    def group_url(self, key: str, layout: str = "table") -> str:
        """Group by a column, or not at all."""
        return self.url(replace(self.state, group=key, layout=layout if key else "table"))

    def group_filter_url(self, group: Group) -> str:
        """All rows of one group."""
        column = self.bound.columns[self.state.group]
        condition: dict[str, Any] = {"trait": column.trait, "op": "is empty"}
        if group.value is not None:
            value: Any = group.value == "1" if self.bound.value_kind(column) == "boolean" else group.value
            condition = {"trait": column.trait, "op": "is", "value": value}
        narrowed = filters.narrowed(self.state.filter, condition)
        return self.url(replace(self.state, group="", layout="table", filter=narrowed))

    def search_cleared_url(self) -> str:
        return self.url(replace(self.state, q=""))

    def filter_cleared_url(self) -> str:
        return self.url(replace(self.state, filter=None, q=""))

    def parts(self) -> list[filters.Part]:
        """The filter's conditions in words."""
        return [] if self.rule is None else filters.shown(self.bound, self.state.filter)

    def part_url(self, part: filters.Part) -> str:
        """Change one condition."""
        return self.url(change=part.index)

    def part_removed_url(self, part: filters.Part) -> str:
        return self.url(replace(self.state, filter=filters.without(self.state.filter, part.index)))

    def joined(self) -> str:
        return filters.joined_by(self.state.filter)

    def joined_url(self) -> str:
        """The same conditions, joined by the other word."""
        other = "any" if self.joined() == "all" else "all"
        return self.url(replace(self.state, filter=filters.build(filters.parts(self.state.filter), other)))

    def add_url(self, trait: Trait) -> str:
        """The form of a new condition."""
        return self.url(add=trait.name)

    def traits(self) -> list[Trait]:
        """What can be filtered by, in the order of titles."""
        return sorted(self.bound.traits, key=lambda trait: trait.title)

    def trait_title(self, trait: Trait) -> str:
        """How people call a trait: as its column, where it has one."""
        column = self.bound.column_of(trait.name)
        return self.title(column) if column else gettext(trait.title)

    def page_url(self, older: bool) -> str:
        """The next or the previous page, "" where there is none."""
        place = self.look.page.after if older else self.look.page.before
        if place is None:
            return ""
        return self.url(after=str(place)) if older else self.url(before=str(place))

    def export_url(self, form: str) -> str:
        """The file of exactly these rows."""
        query = urlencode(self.parameters())
        return f"/lists/{self.kind.name}/export.{form}" + (f"?{query}" if query else "")

    def cell_url(self, row: Row, column: Column) -> str:
        """Where a cell is edited."""
        return f"/lists/{self.kind.name}/rows/{row['uid']}/{column.key}"

    def groupings(self) -> list[Column]:
        """The columns that can group."""
        return [column for column in self.bound.columns.values() if column.group]

    def group_choices(self) -> list[tuple[str, str]]:
        """(value, title) of the board's columns."""
        found = group_choices(self.bound, self.bound.columns[self.state.group])
        return [(value, gettext(title)) for value, title in found]

    def group_title(self, group: Group) -> str:
        """How a group is headed."""
        return gettext(group.title) if group.value is not None else gettext("Without")

    def sharing_groups(self) -> list[dict[str, Any]]:
        """The groups that the visitor may share a view with."""
        return stored.groups_of(self.bound.actor)

    def shared_with(self, view: View) -> str:
        """What a form calls those whom a view is shared with."""
        if view["shared"] != "group":
            return str(view["shared"])
        return next((group["uid"] for group in self.sharing_groups() if group["id"] == view["group_id"]), "nobody")

    def card_columns(self) -> list[Column]:
        """What a card shows below its head: the columns shown, without the head and the one that groups."""
        head = self.head()
        return [column for column in self.columns if column.key not in (head.key, self.state.group)]

    def head(self) -> Column:
        """The column that heads a card."""
        return self.bound.columns.get(self.kind.card) or self.columns[0]

    def width(self, column: Column) -> str:
        """How much room a column takes at least: narrow, small, middle, wide or widest."""
        by_kind = _BY_KIND.get(self.value_kind(column), "middle")
        return column.width or ("widest" if column == self.head() else _BY_SHOW.get(column.show, by_kind))

    def room(self) -> int:
        """How wide the table is at least, in rem, rounded up to what the style sheet knows."""
        needed = sum(_REM[self.width(column)] for column in self.columns) + (_TICKS if self.bound.actions() else 0)
        return min(max(math.ceil(needed / _STEP) * _STEP, 36), 88)

    def part(self, column: Column) -> str:
        """What a value is in a row drawn on two lines: its head, a badge, plain, or named by its column's title."""
        if column == self.head():
            return "head"
        if column.show == "badge":
            return "badge"
        return "plain" if column.show == "email" or (self.value_kind(column) == "text" and not column.show) else "named"

    def all_columns(self) -> list[tuple[Column, bool]]:
        """Every column and whether it is shown; those shown first, in their order."""
        shown = self.columns
        return [(c, True) for c in shown] + [(c, False) for c in self.bound.columns.values() if c not in shown]

    def title(self, column: Column) -> str:
        return gettext(self.bound.title(column))

    def value_kind(self, column: Column) -> str:
        return self.bound.value_kind(column)

    def numeric(self, column: Column) -> bool:
        return self.value_kind(column) in ("number", "integer", "money")

    def choice(self, column: Column, value: str) -> str:
        """The title of a choice; a code that has none stays as it is."""
        title = self.bound.choices(column).get(value)
        return gettext(title) if title else value

    def choice_titles(self, trait: Trait) -> list[tuple[str, str]]:
        """(value, title) of a trait's choices."""
        return [(value, gettext(title)) for value, title in trait.choices.items()]

    def money(self, column: Column, value: int) -> str:
        """An amount in the visitor's way of writing."""
        currency = self.bound.currency(column)
        text: str = format_currency(values.in_file(self.bound, column, value), currency, locale=get_locale())
        return text

    def day(self, value: str) -> str:
        """A date in the visitor's way of writing."""
        return format_date(date.fromisoformat(value), "medium", get_locale())

    def count_text(self) -> str:
        """How many rows there are, "1,000+" where there are more."""
        count = self.look.count
        if count is None:
            return ""
        more = count > COUNT_LIMIT
        return f"{min(count, COUNT_LIMIT):,}{'+' if more else ''}"

    def words(self) -> str:
        """The whole filter as one sentence."""
        return describe(self.rule) if self.rule is not None else ""
