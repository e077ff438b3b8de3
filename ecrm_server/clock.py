"""The one clock of the server: integer milliseconds since 1970-01-01 UTC.

Everything that stores, compares or emits a time uses these integers; only the edges (template filters,
REST schemas) turn them into text. Tests move the clock with :func:`frozen`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _system() -> int:
    return time.time_ns() // 1_000_000


_source: Callable[[], int] = _system


def now() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return _source()


@contextmanager
def frozen(source: Callable[[], int]) -> Iterator[None]:
    """Replace the clock's source while the block runs (tests, and looking at past data as of its end)."""
    global _source
    previous, _source = _source, source
    try:
        yield
    finally:
        _source = previous


def to_datetime(ms: int) -> datetime:
    """The aware UTC datetime of a stored time."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def from_datetime(moment: datetime) -> int:
    """The stored form of a datetime; a naive one counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def iso(ms: int) -> str:
    """ISO 8601 with milliseconds and ``Z``, as the REST API writes times."""
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> int:
    """Read ISO 8601; raises ValueError when the text is no time."""
    return from_datetime(datetime.fromisoformat(text.replace("Z", "+00:00")))
