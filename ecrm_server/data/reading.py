"""Holding a block of code to reading: what would change the database is refused before it gets there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ecrm_server.errors import ReadingOnly

held: ContextVar[bool] = ContextVar("ecrm_reading_only", default=False)
"""Whether the code that runs may only read."""

_READS = re.compile(
    r"[\s(]*(?:SELECT|WITH|VALUES|EXPLAIN|SHOW|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE
)
_CHANGES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)


@contextmanager
def reading_only() -> Iterator[None]:
    """In the block every statement that would change a row raises ReadingOnly. Threads it starts are not held."""
    before = held.set(True)
    try:
        yield
    finally:
        held.reset(before)


def refuse_change(sql: str) -> None:
    """Raise ReadingOnly for a statement that is not sure to be a read."""
    if _READS.match(sql) is None or (sql.lstrip(" \n(")[:4].upper() == "WITH" and _CHANGES.search(sql)):
        raise ReadingOnly()
