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
_MAY_CHANGE = re.compile(r"[\s(]*(?:WITH|EXPLAIN)\b", re.IGNORECASE)
"""How statements begin that may read, and may change rows all the same."""
_CHANGES = re.compile(
    r"\b(?:(?:INSERT|REPLACE|MERGE)\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM|(?<!FOR )(?<!FOR NO KEY )UPDATE)\b",
    re.IGNORECASE,
)


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
    if _READS.match(sql) is None or (_MAY_CHANGE.match(sql) and _CHANGES.search(sql)):
        raise ReadingOnly()
