"""Stopping queries that take too long, so that one slow question does not hold up everybody."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from ecrm_server.data.database import database, error_code, is_postgres
from ecrm_server.errors import EcrmError

_STEPS = 2_000
"""Instructions of SQLite's machine between two looks at the clock: some tens of microseconds."""
_CANCELLED = "57014"
"""PostgreSQL's code for a statement that was stopped."""


class TooSlow(EcrmError):
    """A query was stopped because its time was over. Nothing was changed."""

    status = 503

    def __init__(self) -> None:
        super().__init__("This question takes too long to answer. Ask for less.")


@contextmanager
def time_limit(ms: int) -> Iterator[None]:
    """Let the reads of the block take at most so many milliseconds, else raise TooSlow.

    SQLite measures the whole block, PostgreSQL each statement. Not for writes, and not within itself.
    """
    with _on_postgres(ms) if is_postgres() else _on_sqlite(ms):
        yield


@contextmanager
def _on_sqlite(ms: int) -> Iterator[None]:
    deadline = time.monotonic() + ms / 1000
    connection = database.connection()
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        yield
    # A statement runs on while its rows are fetched, and peewee is not asked then.
    except (peewee.OperationalError, sqlite3.OperationalError) as error:
        if "interrupted" in str(error):
            raise TooSlow() from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _on_postgres(ms: int) -> Iterator[None]:
    before = _timeout() if database.in_transaction() else None
    try:
        with database.atomic():
            _set_timeout(f"{int(ms)}ms")
            yield
            if before is not None:
                _set_timeout(before)
    except peewee.OperationalError as error:
        if error_code(error) == _CANCELLED:
            raise TooSlow() from error
        raise


def _timeout() -> str:
    return str(database.execute_sql("SHOW statement_timeout").fetchone()[0])


def _set_timeout(value: str) -> None:
    # Questions whose time is limited are asked with ever other values; a plan that is kept would suit most of them.
    database.execute_sql(
        "SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', 'force_custom_plan', true)",
        (value,),
    )
