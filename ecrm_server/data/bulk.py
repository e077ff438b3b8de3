"""Many rows with one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from ecrm_server.data.database import database, is_postgres
from ecrm_server.data.prepared import Prepared

KEYS = 100
"""In one statement; for more of them PostgreSQL rather reads a whole table of some 100,000 rows than its index."""


def insert_many(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, conflict: str = ""
) -> int:
    """Insert rows; ``conflict`` is what follows ON CONFLICT. Returns how many rows were written.

    Table, columns and conflict are the caller's own text, never input.
    """
    if not rows:
        return 0
    mark = "%s" if is_postgres() else "?"
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    places = ", ".join([mark] * len(columns))
    return database.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}){tail}", rows)


def select_by_key(sql: str, keys: Collection[Any], *params: Any) -> Iterable[tuple[Any, ...]]:
    """Rows of a SELECT that ends with ``IN {keys}``, for any number of keys; ``params`` stand before them."""
    rest = list(dict.fromkeys(keys))
    for start in range(0, len(rest), KEYS):
        part = rest[start : start + KEYS]
        # One text for every full or partial chunk: the last key is repeated.
        padded = part + [part[-1]] * (KEYS - len(part)) if len(part) > KEYS // 8 else part
        yield from _select(sql, len(padded)).tuples(*params, *padded)


@lru_cache(maxsize=256)
def _select(sql: str, keys: int) -> Prepared:
    return Prepared(sql.replace("{keys}", f"({', '.join('?' * keys)})"))
