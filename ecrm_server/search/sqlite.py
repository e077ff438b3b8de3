"""The index on SQLite: FTS5 over tokens made in Python, so that both engines find the same."""

from __future__ import annotations

from ecrm_server.data import Prepared
from ecrm_server.search.document import facets
from ecrm_server.search.engine import COLUMNS, ROW, Conditions
from ecrm_server.search.query import Query, Term
from ecrm_server.search.tokens import facet, tokens

_WEIGHTS = "5.0, 1.0, 0.0"
"""Of title, body and facets in BM25."""


class SqliteEngine:
    """See :class:`ecrm_server.search.engine.Engine`."""

    def write(self, rows: list[ROW]) -> None:
        by_kind: dict[str, list[str]] = {}
        for row in rows:
            by_kind.setdefault(row[0], []).append(row[1])
        for kind, uids in by_kind.items():
            self._forget_words(kind, uids)
        values = ", ".join(f"({', '.join('?' * len(COLUMNS))})" for _ in rows)
        changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])
        stored = Prepared(
            f"INSERT INTO search_document ({', '.join(COLUMNS)}) VALUES {values}"
            f" ON CONFLICT (kind, uid) DO UPDATE SET {changes} RETURNING id, kind, uid"
        ).tuples(*(value for row in rows for value in row))
        ids = {(kind, uid): number for number, kind, uid in stored}
        words = [
            (ids[row[0], row[1]], *_words(row[3], row[4], row[0], row[5], row[6], row[7])) for row in rows
        ]
        places = ", ".join("(?, ?, ?, ?)" for _ in words)
        Prepared(f"INSERT INTO search_terms (rowid, title, body, facets) VALUES {places}").run(
            *(value for entry in words for value in entry)
        )

    def remove(self, kind: str, uids: list[str]) -> None:
        self._forget_words(kind, uids)
        marks = ", ".join("?" * len(uids))
        Prepared(f"DELETE FROM search_document WHERE kind = ? AND uid IN ({marks})").run(kind, *uids)

    def _forget_words(self, kind: str, uids: list[str]) -> None:
        """A table without content must be told what it held; it is made again from the stored texts."""
        marks = ", ".join("?" * len(uids))
        old = Prepared(
            f"SELECT id, title, body, author, tags, extra FROM search_document WHERE kind = ? AND uid IN ({marks})"
        )
        for number, title, body, author, tags, extra in old.tuples(kind, *uids):
            _DELETE.run(number, *_words(title, body, kind, author, tags, extra))

    def latest(
        self, query: Query, conditions: Conditions, limit: int, *, title_only: bool = False
    ) -> list[int]:
        match = expression(query, conditions.kinds, title_only=title_only)
        select = Prepared(
            f"SELECT d.id {_MATCHING} {conditions.sql} ORDER BY search_terms.rowid DESC LIMIT ?"
        )
        return [number for (number,) in select.tuples(match, *conditions.params, limit)]

    def ranked(self, query: Query, conditions: Conditions, limit: int) -> list[tuple[int, float]]:
        match = expression(query, conditions.kinds)
        return Prepared(
            f"SELECT d.id, bm25(search_terms, {_WEIGHTS}) {_MATCHING} {conditions.sql} LIMIT ?"
        ).tuples(match, *conditions.params, limit)

    def newest(
        self, query: Query, conditions: Conditions, before: tuple[int, int] | None, limit: int
    ) -> list[tuple[int, int]]:
        older = " AND (d.at, d.id) < (?, ?)" if before else ""
        key = (*conditions.params, *(before or ()), limit)
        order = "ORDER BY d.at DESC, d.id DESC LIMIT ?"
        match = expression(query, conditions.kinds)
        if not match:  # only times were given
            select = Prepared(
                f"SELECT d.id, d.at FROM search_document d WHERE {conditions.sql}{older} {order}"
            )
            return select.tuples(*key)
        return Prepared(f"SELECT d.id, d.at {_MATCHING} {conditions.sql}{older} {order}").tuples(match, *key)


# Words first, then each match's row in the narrow index: reading the bulky rows would cost as much as the search.
_MATCHING = (
    "FROM search_terms CROSS JOIN search_document d INDEXED BY search_document_access"
    " ON d.id = search_terms.rowid WHERE search_terms MATCH ? AND"
)
_DELETE = Prepared(
    "INSERT INTO search_terms (search_terms, rowid, title, body, facets) VALUES ('delete', ?, ?, ?, ?)"
)


def _words(title: str, body: str, kind: str, author: str, tags: str, extra: str) -> tuple[str, str, str]:
    return " ".join(tokens(title)), " ".join(tokens(body)), " ".join(facets(kind, author, tags, extra))


def expression(query: Query, kinds: tuple[str, ...], *, title_only: bool = False) -> str:
    """The FTS5 expression of a query, empty when no word or property is asked for.

    Every token is alphanumeric and quoted: nothing a person types is syntax.
    """
    columns = "title" if title_only else "{title body}"
    parts = [f"{columns} : ({' AND '.join(_phrase(term) for term in query.words)})"] if query.words else []
    groups = query.facets()
    if kinds and (query.words or groups):
        groups = [*groups, [facet("kind", kind) for kind in kinds]]
    parts += [f"facets : ({' OR '.join(_quoted(name) for name in names)})" for names in groups]
    excluded = [f"{{title body}} : {_phrase(term)}" for term in query.excluded]
    excluded += [f"facets : {_quoted(facet(name, value))}" for name, value in query.excluded_filters]
    wanted = " AND ".join(parts)
    return f"({wanted}) NOT ({' OR '.join(excluded)})" if excluded and wanted else wanted


def _phrase(term: Term) -> str:
    return _quoted(" ".join(term.tokens)) + ("*" if term.prefix else "")


def _quoted(text: str) -> str:
    return f'"{text}"'


ENGINE = SqliteEngine()
