"""Many rows with one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import peewee

from ecrm_server.data.database import database, error_code, is_postgres
from ecrm_server.data.prepared import Prepared

KEYS = 500
"""In one statement."""
_TWICE = "21000"
"""PostgreSQL's code for a statement that would change a row twice."""


def insert_many(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, conflict: str = ""
) -> int:
    """Insert rows; ``conflict`` is what follows ON CONFLICT. Returns how many rows were written.

    Table, columns and conflict are the caller's own text, never input.
    """
    if not rows:
        return 0
    names = ", ".join(columns)
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    if not is_postgres():
        places = ", ".join("?" * len(columns))
        return database.execute_many(f"INSERT INTO {table} ({names}) VALUES ({places}){tail}", rows)
    if not conflict:
        return database.copy_rows(f"COPY {table} ({names}) FROM STDIN", rows)
    values = [list(column) for column in zip(*rows, strict=True)]
    if all(len({type(value) for value in column} - {type(None)}) < 2 for column in values):
        arrays = ", ".join(f"%s::{kind}[]" for kind in _types(table, tuple(columns)))
        insert = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}){tail}"
        try:
            with database.atomic():
                # An array for each column: read and planned once for any number of rows.
                return int(database.execute_sql(insert, values).rowcount)
        except peewee.ProgrammingError as error:
            if error_code(error) != _TWICE:
                raise
    # An array has values of one type; and where two rows are about one, the later changes what the earlier left.
    places = ", ".join(["%s"] * len(columns))
    return database.execute_many(f"INSERT INTO {table} ({names}) VALUES ({places}){tail}", rows)


@lru_cache(maxsize=256)
def _types(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The types of columns, without their lengths: a cast would cut what is too long, where it must be refused."""
    found = dict(
        Prepared(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = CAST(? AS regclass)"
        ).tuples(table)
    )
    return tuple(found[column] for column in columns)


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
