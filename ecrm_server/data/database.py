"""Opening SQLite or PostgreSQL behind one proxy, and the rules that keep writers from freezing a gevent server."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import peewee
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase, PooledSqliteDatabase

from ecrm_server.data import reading
from ecrm_server.errors import ConfigError, UnfitValue

database: Any = peewee.DatabaseProxy()

UNAVAILABLE = (peewee.OperationalError, peewee.InterfaceError, MaxConnectionsExceeded)
"""What is raised while the database is away, locked for too long, full, or has no connection left."""

LOCK_WAIT = 10.0
"""Seconds a statement waits for another process's transaction, and a request for a connection, before it gives up."""

_READS = ("SELECT", "PRAGMA", "WITH", "EXPLAIN")
_Result = TypeVar("_Result")


class FitValues:
    """Engines that blame the sender for values that they cannot take: with a sentence, the same on both.

    Both also refuse changes in a block that may only read.
    """

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Raises UnfitValue. PostgreSQL takes no NUL in texts; what SQLite would take could never move there."""
        if reading.held.get():
            reading.refuse_change(sql)
        if params and any(type(value) is str and "\0" in value for value in params):
            raise UnfitValue()
        try:
            return super().execute_sql(sql, params)  # type: ignore[misc]
        except (peewee.DataError, OverflowError, UnicodeEncodeError) as error:
            raise UnfitValue() from error

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """One statement for many rows, which a driver does faster than one long statement. Returns how many it touched.

        Raises UnfitValue, as ``execute_sql`` does.
        """
        if reading.held.get():
            reading.refuse_change(sql)
        if any(type(value) is str and "\0" in value for row in rows for value in row):
            raise UnfitValue()
        try:
            with self.atomic(), peewee.__exception_wrapper__:  # type: ignore[attr-defined]
                cursor = self.cursor()  # type: ignore[attr-defined]
                cursor.executemany(sql, rows)
                return int(cursor.rowcount)
        except (peewee.DataError, OverflowError, UnicodeEncodeError) as error:
            raise UnfitValue() from error


class PostgresEngine(FitValues, PooledPostgresqlDatabase):
    """PostgreSQL."""

    def copy_rows(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """Insert many rows by COPY, which takes the server a fraction of what statements take. Returns how many.

        Raises UnfitValue, as ``execute_sql`` does.
        """
        if reading.held.get():
            reading.refuse_change(sql)
        try:
            with self.atomic(), peewee.__exception_wrapper__:  # type: ignore[attr-defined]
                cursor = self.cursor()
                with cursor.copy(sql) as copy:
                    for row in rows:
                        copy.write_row(row)
                return int(cursor.rowcount)
        except (peewee.DataError, OverflowError, UnicodeEncodeError) as error:
            raise UnfitValue() from error


class SqliteEngine(FitValues, PooledSqliteDatabase):
    """SQLite with one writer at a time per process, waiting in Python instead of inside SQLite.

    SQLite's own busy handler sleeps in C: under gevent the whole process would stand still for up to the busy
    timeout. So a lock that gevent knows is taken before ``BEGIN IMMEDIATE``, and a lock held by another process
    is waited for with short sleeps that let other greenlets run.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._write_lock = threading.Lock()
        super().__init__(*args, **kwargs)

    def begin(self, lock_type: str | None = None) -> None:
        self._write_lock.acquire()
        try:
            _until_unlocked(lambda: super(SqliteEngine, self).begin(lock_type))
        except BaseException:
            self._write_lock.release()
            raise

    def commit(self) -> None:
        super().commit()
        self._write_lock.release()

    def rollback(self) -> None:
        try:
            # A full disk ends the transaction in SQLite itself; a second end would take the place of the error.
            if self.connection().in_transaction:
                super().rollback()
        finally:
            self._write_lock.release()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if self.in_transaction() or sql.lstrip()[:7].upper().startswith(_READS):
            return super().execute_sql(sql, params)
        with self._write_lock:
            return _until_unlocked(lambda: super(SqliteEngine, self).execute_sql(sql, params))


def _until_unlocked(action: Callable[[], _Result]) -> _Result:
    deadline = time.monotonic() + LOCK_WAIT
    pause = 0.001
    while True:
        try:
            return action()
        except peewee.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def open_sqlite(path: Path) -> SqliteEngine:
    """The embedded database. WAL keeps readers free while one writes; caches stay small (one per connection)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteEngine(
        str(path),
        pragmas=(
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("synchronous", "normal"),
            ("cache_size", -8000),
            ("temp_store", "memory"),
        ),
        lock_type="IMMEDIATE",
        max_connections=64,
        timeout=LOCK_WAIT,
        check_same_thread=False,
        returning_clause=True,
    )


def open_postgres(url: str) -> PostgresEngine:
    """PostgreSQL through psycopg 3 (the extra ``postgres``)."""
    try:
        import psycopg  # noqa: F401  (only to answer with a sentence when the extra is missing)
    except ImportError as error:
        raise ConfigError("PostgreSQL needs the extra: pip install 'ecrm-server[postgres]'.") from error
    return PostgresEngine(
        url,
        prefer_psycopg3=True,
        max_connections=20,
        stale_timeout=600,
        timeout=LOCK_WAIT,
        autoconnect=True,
        options=f"-c lock_timeout={LOCK_WAIT:g}s",
    )


def connect(url: str) -> Any:
    """Point the shared proxy at the database behind ``sqlite:///path`` or ``postgresql://...`` and return it."""
    if url.startswith("sqlite:///"):
        engine: Any = open_sqlite(Path(url.removeprefix("sqlite:///")))
        # The pool's own `timeout` waits for a connection; SQLite's must stay short (see SqliteEngine).
        engine.timeout = 0.05
    elif url.startswith("postgres"):
        engine = open_postgres(url)
    else:
        raise ConfigError(f"DATABASE_URL is '{url}', but it must begin with sqlite:/// or postgresql://.")
    if database.obj is not None and not database.is_closed():
        database.close()
    database.initialize(engine)
    return engine


def is_postgres() -> bool:
    """Whether the engine in use is PostgreSQL. Only ``data/`` and migrations should have to ask."""
    return isinstance(database.obj, peewee.PostgresqlDatabase)


def drop_idle_connections() -> None:
    """Forget pooled connections: after a restart of the database server each of them would fail one request."""
    database.close_idle()


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used at present, so that neither "no" nor a fault follows.

    SQLite gives the same error for statements that are wrong; those are their author's fault.
    """
    if not isinstance(error, UNAVAILABLE):
        return False
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def error_code(error: BaseException) -> Any:
    """PostgreSQL's code (SQLSTATE) of the driver's error, which peewee wraps into its own; None on SQLite."""
    return getattr(error.args[0] if error.args else None, "sqlstate", None) or getattr(
        error.__cause__ or error.__context__, "sqlstate", None
    )


def is_full(error: BaseException) -> bool:
    """Whether an error of the database, or one that led to it, means that its disk is full."""
    led: BaseException | None = error
    while led is not None:
        if "full" in str(led) or "No space left" in str(led):
            return True
        led = led.__context__
    return False


def transaction() -> AbstractContextManager[Any]:
    """One transaction: everything in the block and the events it emits, or nothing. Nested blocks are savepoints.

    Never wait for anything (mail, HTTP, sleep, a socket) inside it.
    """
    return database.atomic()
