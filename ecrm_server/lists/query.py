"""The SQL of a list: rows of one page by key, capped counts, keys for bulk actions; the same on both engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared, hints
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.cursor import Position
from ecrm_server.lists.kind import Column
from ecrm_server.rules import Expression, Members, Rule, to_sql
from ecrm_server.rules.columns import filled
from ecrm_server.rules.tree import All, Condition, Node, conditions

COUNT_LIMIT = 1_000
"""Counts stop here: "1,000+"."""
CHUNK = 1_000
"""Rows read at once where all are wanted."""
_ALL = 2**40
_RARE = 5_000
"""Entries of an index that are counted to see of how many rows a condition holds: less than a millisecond."""
_NOT_BY_INDEX = frozenset({"is empty", "contains", "starts with", "anniversary within days"})

Row = dict[str, Any]
"""``uid``, ``version``, ``address``, the key of each column asked for and each of the kind's ``fields``."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the places before and after which there are more."""

    rows: list[Row]
    before: Position | None = None
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """SQL with the values of its placeholders."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list: which rows, which columns, in which order.

    rule: the filter, None for every row. sort: the column that orders; None for the order of making. as_of: the moment
    that windows of time are measured from (milliseconds). extra: further values of each row.
    only: the keys of these rows, in the place of the filter. way: how rows are found, see ``ways``: ``along`` the
    order, ``apart`` from it, or as the engine thinks best.
    """

    bound: Bound
    as_of: int
    rule: Rule | None = None
    columns: Sequence[Column] = ()
    sort: Column | None = None
    descending: bool = False
    extra: Mapping[str, Expression] = field(default_factory=dict)
    only: tuple[int, ...] | None = None
    way: Literal["", "along", "apart"] = ""

    @property
    def filtered(self) -> bool:
        """Whether it leaves out rows by what stands in them."""
        return self.rule is not None or bool(self.bound.scope.params)

    def page(self, size: int, *, after: Position | None = None, before: Position | None = None) -> Page:
        """One page: the first, or the rows after or before a place. Empty values stand last in both directions."""
        if before is not None:
            found = self._rows(size + 1, before, backward=True)
            rows = found[:size][::-1]
            more_before, more_after = len(found) > size, True
        else:
            found = self._rows(size + 1, after)
            rows = found[:size]
            more_before, more_after = after is not None, len(found) > size
        first = _position(rows[0]) if rows and more_before else None
        last = _position(rows[-1]) if rows and more_after else None
        return Page(self._finished(rows), first, last)

    def every(self) -> Iterator[list[Row]]:
        """All rows in their order, a chunk at a time."""
        after: Position | None = None
        while True:
            page = self.page(CHUNK, after=after)
            if page.rows:
                yield page.rows
            after = page.after
            if after is None:
                return

    def one(self, uid: str) -> Row | None:
        """The row of a public id, None when the actor may not see it."""
        uid_sql = self._written(self.bound.kind.uid)
        rows = self._select(_Piece(f"{uid_sql.text} = ?", (*uid_sql.params, uid)), "", 1)
        return self._finished(rows)[0] if rows else None

    def count(self, limit: int = COUNT_LIMIT) -> int:
        """How many rows there are; ``limit + 1`` stands for more than ``limit``."""
        source, where = self._from(self._needed(())), self._where()
        text = f"SELECT COUNT(*) FROM (SELECT 1 FROM {source.text} WHERE {where.text} LIMIT {int(limit) + 1}) counted"
        return int(Prepared(text).value(*source.params, *where.params))

    def few(self, limit: int = COUNT_LIMIT) -> list[int] | None:
        """The keys of all rows; None when there are more than ``limit``."""
        source, where = self._from(self._needed(())), self._where(self._rarest())
        text = f"SELECT {self.bound.traits.alias}.id FROM {source.text} WHERE {where.text} LIMIT {int(limit) + 1}"
        found = [int(row[0]) for row in Prepared(text).tuples(*source.params, *where.params)]
        return found if len(found) <= limit else None

    def keys(self, after: int, upto: int, limit: int) -> list[tuple[int, str]]:
        """(key, public id) of rows behind a key, up to another one, in the order of keys."""
        uid = self._written(self.bound.kind.uid)
        key = f"{self.bound.traits.alias}.id"
        source, where = self._from(self._needed([self.bound.kind.uid])), self._where()
        text = (
            f"SELECT {key}, {uid.text} FROM {source.text} WHERE {where.text} AND {key} > ? AND {key} <= ?"
            f" ORDER BY {key} LIMIT {int(limit)}"
        )
        found = Prepared(text).tuples(*uid.params, *source.params, *where.params, after, upto)
        return [(int(row[0]), str(row[1])) for row in found]

    def visible(self, uids: Sequence[str]) -> list[str]:
        """Those of some public ids that the actor may see and the filter holds for, in the order given."""
        if not uids:
            return []
        uid = self._written(self.bound.kind.uid)
        source, where = self._from(self._needed([self.bound.kind.uid])), self._where()
        marks = ", ".join("?" * len(uids))
        text = f"SELECT {uid.text} FROM {source.text} WHERE {where.text} AND {uid.text} IN ({marks})"
        values = (*uid.params, *source.params, *where.params, *uid.params, *uids)
        found = {row[0] for row in Prepared(text).tuples(*values)}
        return [item for item in uids if item in found]

    def top(self) -> int:
        """The greatest key of the table."""
        return int(Prepared(f"SELECT MAX(id) FROM {self.bound.traits.table}").value() or 0)

    def _rows(self, limit: int, place: Position | None, *, backward: bool = False) -> list[Row]:
        """Rows from a place on. Rows with a value and rows without are asked for one after the other: each question
        walks along the index ``(value, id)``, which a condition over both would not on either engine."""
        down = self.descending is not backward
        if self.sort is None:
            return self._phase(limit, place, down=down, empty=None)
        rows: list[Row] = []
        for empty in (True, False) if backward else (False, True):
            if place is not None and (place.value is None) is not empty:
                if backward is empty:  # these rows lie on the other side of the place
                    continue
                start = None
            else:
                start = place
            rows += self._phase(limit - len(rows), start, down=down, empty=empty)
            if len(rows) >= limit:
                break
        return rows

    def _phase(self, limit: int, place: Position | None, *, down: bool, empty: bool | None) -> list[Row]:
        """Rows with a value (``empty`` False), without one (True), or all where nothing but the key sorts (None)."""
        sign, word = ("<", "DESC") if down else (">", "ASC")
        key = f"{self.bound.traits.alias}.id"
        if self.sort is None or empty is None:
            limits = _Piece(f"{key} {sign} ?", (place.id,)) if place else _Piece("")
            return self._select(limits, f"{key} {word}", limit)
        order = '"_id"' if self.way == "apart" else key
        value = self._written(self.bound.expression(self.sort))
        texts = self.bound.value_kind(self.sort) in ("text", "choice")
        if empty:
            none = _Piece(
                f"COALESCE({value.text}, '') = ''" if texts else f"{value.text} IS NULL", value.params
            )
            limits = _both(none, _Piece(f"{key} {sign} ?", (place.id,)) if place else _Piece(""))
            return self._select(limits, f"{order} {word}", limit)
        # Not "<>": a comparison with an order lets an index begin behind its empty values.
        some = _Piece(f"{value.text} > ''" if texts else f"{value.text} IS NOT NULL", value.params)
        beyond = _Piece("")
        if place is not None:
            beyond = _Piece(f"({value.text}, {key}) {sign} (?, ?)", (*value.params, place.value, place.id))
        return self._select(_both(some, beyond), f'"_value" {word}, {order} {word}', limit)

    def _select(self, limits: _Piece, order: str, limit: int) -> list[Row]:
        kind = self.bound.kind
        asked = {"uid": kind.uid} | ({"version": kind.version} if kind.version else {}) | dict(kind.fields)
        asked |= {column.key: self._shown(column) for column in self.columns if not self._is_set(column)}
        asked |= self.extra
        if self.sort is not None:
            asked["_value"] = self.bound.expression(self.sort)
        pieces = {name: self._written(expression) for name, expression in asked.items()}
        source, where = self._from(self._needed(asked.values())), _both(self._where(), limits)
        chosen = ", ".join(f'{piece.text} AS "{name}"' for name, piece in pieces.items())
        text = f'SELECT {self.bound.traits.alias}.id AS "_id", {chosen} FROM {source.text} WHERE {where.text}'
        if (
            self.way == "apart"
        ):  # neither engine looks through a limit, so the order does not choose the index
            text = f"SELECT * FROM ({text} LIMIT {_ALL}) rows_apart"
        text += (f" ORDER BY {order}" if order else "") + f" LIMIT {int(limit)}"
        params = (
            *(param for piece in pieces.values() for param in piece.params),
            *source.params,
            *where.params,
        )
        return Prepared(text).rows(*params)

    def _shown(self, column: Column) -> Expression:
        return column.sql or self.bound.expression(column)

    def _is_set(self, column: Column) -> bool:
        return column.sql is None and self.bound.value_kind(column) == "set"

    def _add_members(self, rows: list[Row]) -> None:
        """The members of sets: one more question for each column that shows one."""
        for column in self.columns:
            if not self._is_set(column) or not rows:
                continue
            trait = self.bound.trait(column)
            assert trait is not None
            members = cast(Members, trait.sql)
            traits = self.bound.traits
            marks = ", ".join("?" * len(rows))
            text = (
                f"SELECT {traits.alias}.id, {members.member} FROM {traits.table} {traits.alias}, {members.source}"
                f" AND {traits.alias}.id IN ({marks}) ORDER BY 1, 2"
            )
            found: dict[int, list[str]] = {}
            for key, member in Prepared(text).tuples(
                *filled(members.params, self.as_of), *(r["_id"] for r in rows)
            ):
                found.setdefault(key, []).append(member)
            for row in rows:
                row[column.key] = found.get(row["_id"], [])

    def _finished(self, rows: list[Row]) -> list[Row]:
        """The rows as others see them."""
        self._add_members(rows)
        kind = self.bound.kind
        flags = [column.key for column in self.columns if self.bound.value_kind(column) == "boolean"]
        for row in rows:
            del row["_id"]
            row.pop("_value", None)
            row.setdefault("version", 0)
            for key in flags:
                row[key] = None if row[key] is None else bool(row[key])  # SQLite has 0 and 1
            row["address"] = kind.address(row) if kind.address else ""
        if kind.prepare is not None and rows:
            kind.prepare(rows)
        return rows

    def _needed(self, shown: Iterable[Expression]) -> set[str]:
        """Names of the joins that scope, filter and what is shown read."""
        names = {name for expression in (self.bound.scope, *shown) for name in expression.joins}
        if self.rule is not None and self.only is None:
            names |= {name for item in conditions(self.rule.root) for name in item.trait.sql.joins}
        return names

    def _from(self, names: set[str]) -> _Piece:
        traits = self.bound.traits
        joins = traits.joined(names)
        text = "".join(f" LEFT JOIN {join.text}" for join in joins)
        params = tuple(value for join in joins for value in filled(join.params, self.as_of))
        return _Piece(f"{traits.table} {traits.alias}{text}", params)

    def _where(self, first: Node | None = None) -> _Piece:
        """Which rows. first: the part of the filter that an engine which does not know better begins with."""
        if self.only is not None:
            listed = ", ".join(str(int(key)) for key in self.only) or "NULL"
            return _Piece(f"{self.bound.traits.alias}.id IN ({listed})")
        found = self._written(self.bound.scope)
        for part in self._parts():
            text, params = self._condition(part)
            if part is first:
                text = hints.of_few(text)
            elif self.way == "along" and not self._sorts(part):
                text = hints.of_most(text)
            found = _both(found, _Piece(text, params))
        return found

    def _condition(self, part: Node) -> tuple[str, tuple[Any, ...]]:
        assert self.rule is not None
        return to_sql(replace(self.rule, root=part), self.as_of)

    def _parts(self) -> tuple[Node, ...]:
        """The parts of the filter, all of which must hold."""
        return () if self.rule is None else _flat(self.rule.root)

    def _sorts(self, part: Node) -> bool:
        return isinstance(part, Condition) and self.sort is not None and part.trait.name == self.sort.trait

    def _rarest(self) -> Node | None:
        """The part of the filter that holds for few rows, found by counting a little; None where the engine knows."""
        parts = self._parts()
        if hints.knows_values() or len(parts) + bool(self.bound.scope.params) < 2:
            return None
        counted = [(self._counted(part), place) for place, part in enumerate(parts) if self._by_index(part)]
        count, place = min(counted, default=(_RARE + 1, 0))
        return parts[place] if count <= _RARE else None

    def _counted(self, part: Node) -> int:
        traits = self.bound.traits
        text, params = self._condition(part)
        rows = f"SELECT 1 FROM {traits.table} {traits.alias} WHERE {text} LIMIT {_RARE + 1}"
        return int(Prepared(f"SELECT COUNT(*) FROM ({rows}) counted").value(*params))

    def _by_index(self, part: Node) -> bool:
        """Whether an index answers a part: a comparison of a column that has one."""
        if not isinstance(part, Condition) or part.negated or part.operator.name in _NOT_BY_INDEX:
            return False
        column = self.bound.column_of(part.trait.name)
        return column is not None and column.indexed and not part.trait.sql.joins

    def _written(self, expression: Expression) -> _Piece:
        return _Piece(f"({expression.text})", filled(expression.params, self.as_of))


def rule_of(bound: Bound, filter_rule: Rule | None, q: str, *also: dict[str, Any]) -> Rule | None:
    """The filter, the words of the search box and further conditions as one rule."""
    parts: list[dict[str, Any]] = [*also]
    if filter_rule is not None:
        parts.append({key: value for key, value in filter_rule.tree.items() if key != "version"})
    looked_into = [name for name in bound.kind.search if bound.traits.get(name)]
    if name_key(q) and looked_into:
        parts.append({"any": [{"trait": name, "op": "contains", "value": q} for name in looked_into]})
    return bound.parse({"all": parts}) if parts else None


def _flat(node: Node) -> tuple[Node, ...]:
    return tuple(inner for part in node.parts for inner in _flat(part)) if isinstance(node, All) else (node,)


def _both(first: _Piece, second: _Piece) -> _Piece:
    if not second.text:
        return first
    return _Piece(f"({first.text}) AND ({second.text})", (*first.params, *second.params))


def _position(row: Row) -> Position:
    value = row.get("_value")
    return Position(None if value == "" else value, row["_id"])
