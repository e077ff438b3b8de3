"""The index on PostgreSQL: a tsvector of tokens made in Python, so that both engines find the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrm_server.data import Prepared
from ecrm_server.search.document import facets
from ecrm_server.search.engine import COLUMNS, ROW, Conditions
from ecrm_server.search.query import Query, Term
from ecrm_server.search.tokens import facet, tokens

_WEIGHTS = "'{0, 0, 0.2, 1}'"
"""Of facets (D), nothing (C), body (B) and title (A)."""
_GAP = 10
"""Between title and body, so that no phrase goes over from one into the other."""
_LAST_POSITION = 16_383
_FACET = "#"
"""Before a property token, which no word of a text has."""


class PostgresEngine:
    """See :class:`ecrm_server.search.engine.Engine`."""

    def write(self, rows: list[ROW]) -> None:
        values = ", ".join(f"({', '.join('?' * len(COLUMNS))}, CAST(? AS tsvector))" for _ in rows)
        changes = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[2:], "terms"))
        Prepared(
            f"INSERT INTO search_document ({', '.join(COLUMNS)}, terms) VALUES {values}"
            f" ON CONFLICT (kind, uid) DO UPDATE SET {changes}"
        ).run(*(value for row in rows for value in (*row, _vector(row))))

    def remove(self, kind: str, uids: list[str]) -> None:
        marks = ", ".join("?" * len(uids))
        Prepared(f"DELETE FROM search_document WHERE kind = ? AND uid IN ({marks})").run(kind, *uids)

    # Matches are materialised, or the planner walks the whole table backwards for a rare word because of the LIMIT.

    def latest(
        self, query: Query, conditions: Conditions, limit: int, *, title_only: bool = False
    ) -> list[int]:
        found, params = _found("d.id", query, conditions, title_only=title_only)
        select = Prepared(f"{found} SELECT id FROM found ORDER BY id DESC LIMIT ?")
        return [number for (number,) in select.tuples(*params, limit)]

    def ranked(self, query: Query, conditions: Conditions, limit: int) -> list[tuple[int, float]]:
        found, params = _found("d.id, d.terms", query, conditions)
        return Prepared(
            f"{found} SELECT id, -ts_rank({_WEIGHTS}, terms, CAST(? AS tsquery))::float8 FROM found LIMIT ?"
        ).tuples(*params, expression(query, conditions.kinds), limit)

    def newest(
        self, query: Query, conditions: Conditions, before: tuple[int, int] | None, limit: int
    ) -> list[tuple[int, int]]:
        found, params = _found("d.id, d.at", query, conditions)
        older = " WHERE (at, id) < (?, ?)" if before else ""
        select = Prepared(f"{found} SELECT id, at FROM found{older} ORDER BY at DESC, id DESC LIMIT ?")
        return select.tuples(*params, *(before or ()), limit)


def _found(
    columns: str, query: Query, conditions: Conditions, *, title_only: bool = False
) -> tuple[str, tuple[Any, ...]]:
    """The common table ``found`` of all matches, with its parameters."""
    wanted = expression(query, conditions.kinds, title_only=title_only)
    matching = "d.terms @@ CAST(? AS tsquery) AND " if wanted else ""
    sql = f"WITH found AS MATERIALIZED (SELECT {columns} FROM search_document d WHERE {matching}{conditions.sql})"
    return sql, ((wanted, *conditions.params) if wanted else conditions.params)


def _vector(row: ROW) -> str:
    """The literal of a tsvector. Tokens are alphanumeric, so quoting them is enough."""
    kind, title, body, author, tags, extra = row[0], row[3], row[4], row[5], row[6], row[7]
    places: dict[str, list[str]] = {}
    position = 0
    for position, token in enumerate(tokens(title), start=1):
        places.setdefault(token, []).append(f"{position}A")
    for place, token in enumerate(tokens(body), start=position + _GAP):
        if place > _LAST_POSITION:
            break
        places.setdefault(token, []).append(f"{place}B")
    words = [f"'{token}':{','.join(found[:255])}" for token, found in places.items()]
    return " ".join([*words, *(f"'{_FACET}{name}'" for name in facets(kind, author, tags, extra))])


def expression(query: Query, kinds: tuple[str, ...], *, title_only: bool = False) -> str:
    """The tsquery of a query, empty when no word or property is asked for.

    Every token is alphanumeric and quoted: nothing a person types is syntax.
    """
    weight = "A" if title_only else ""
    parts = [_phrase(term, weight) for term in query.words]
    parts += [_any(names) for names in query.facets()]
    if not parts:
        return ""
    if kinds:
        parts.append(_any(facet("kind", kind) for kind in kinds))
    parts += [f"!{_phrase(term, '')}" for term in query.excluded]
    parts += [f"!{_quoted(facet(name, value))}" for name, value in query.excluded_filters]
    return " & ".join(parts)


def _phrase(term: Term, weight: str) -> str:
    last = len(term.tokens) - 1
    words = []
    for index, token in enumerate(term.tokens):
        flags = ("*" if term.prefix and index == last else "") + weight
        words.append(f"'{token}'" + (f":{flags}" if flags else ""))
    return f"({' <-> '.join(words)})"


def _any(names: Iterable[str]) -> str:
    return f"({' | '.join(_quoted(name) for name in names)})"


def _quoted(name: str) -> str:
    return f"'{_FACET}{name}'"


ENGINE = PostgresEngine()
