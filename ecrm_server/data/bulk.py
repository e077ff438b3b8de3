"""Many rows with one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import peewee

from ecrm_server.data.database import database, is_postgres
from ecrm_server.data.prepared import Prepared

KEYS = 500
"""In one statement."""


def insert_many(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, conflict: str = ""
) -> int:
    """Insert rows; ``conflict`` is what follows ON CONFLICT. Returns how many rows were written.

    Table, columns and conflict are the caller's own text, never input.
    """
    if not rows:
        return 0
    names = ", ".join(columns)
    if is_postgres() and not conflict:
        return database.copy_rows(f"COPY {table} ({names}) FROM STDIN", rows)
    places = ", ".join(["%s" if is_postgres() else "?"] * len(columns))
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    return database.execute_many(f"INSERT INTO {table} ({names}) VALUES ({places}){tail}", rows)


def select_by_key(
    sql: str, keys: Collection[Any], *params: Any, lock: bool = False
) -> Iterable[tuple[Any, ...]]:
    """Rows of a SELECT with ``IN {keys}`` behind its ``params``, for any number of keys. lock: as of ``Prepared``."""
    rest = list(dict.fromkeys(keys))
    for start in range(0, len(rest), KEYS):
        part = rest[start : start + KEYS]
        if is_postgres():
            yield from _any(sql, lock).tuples(*params, part)
            continue
        # Few texts for any number: the last key is repeated.
        places = next((size for size in (1, 10, 50, 100) if len(part) <= size), KEYS)
        yield from _select(sql, places).tuples(*params, *part, *[part[-1]] * (places - len(part)))


@lru_cache(maxsize=256)
def _select(sql: str, keys: int) -> Prepared:
    return Prepared(sql.replace("{keys}", f"({', '.join('?' * keys)})"))


@lru_cache(maxsize=256)
def _any(sql: str, lock: bool) -> Prepared:
    """PostgreSQL takes all keys as one value, so that it need not read a new text."""
    return Prepared(sql.replace("IN {keys}", "= ANY(?)"), lock=lock)


@contextmanager
def by_index() -> Iterator[None]:
    """Find by indexes in this block, wherever there are some, while one fills tables or goes through them by key.

    PostgreSQL keeps the plan of a statement that it runs often. Of a table that was nearly empty that plan is to read
    all of it, and it stays so while the table grows, until the next ANALYZE. SQLite has no such plan.
    """
    if not is_postgres():
        yield
        return
    database.execute_sql("SET enable_seqscan = off")
    try:
        yield
    finally:
        with suppress(peewee.PeeweeException):  # a connection that was lost; what lost it is told already
            database.execute_sql("RESET enable_seqscan")
