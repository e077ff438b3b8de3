"""Is the database what it was? And how to make it so again between the cells of the matrix."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

EXEMPT_TABLES = frozenset(
    {
        "session",  # CSRF tokens and flashed sentences of browsers
        "forums_read_state",  # how far a reader is
        "forums_reader",
    }
)
"""What a GET may change: sessions, read markers and visits."""

EXEMPT_ROWS = {"event": ("name", frozenset({"notices.notified"}))}
"""Events that only tell the bell in other windows that something was read: table -> (column, values)."""

EXEMPT_COLUMNS = {
    "account": frozenset({"unread_notices", "last_seen_at"}),
    "notice": frozenset({"read_at"}),
    "forums_topic": frozenset({"view_count"}),
    "session": frozenset({"last_seen_at", "expires_at", "roles"}),
    "api_key": frozenset({"last_used_at", "roles"}),
}
"""The same in tables that hold more: counters, read markers, visits, and what is kept to save a query."""


class Watch:
    """Watches the SQLite file of a site from a connection of its own."""

    def __init__(self, url: str) -> None:
        self._db = sqlite3.connect(
            Path(url.removeprefix("sqlite:///")), isolation_level=None, check_same_thread=False
        )
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._version = 0
        self._digest = ""
        self._kept_digest = ""

    def close(self) -> None:
        self._db.close()
        self._kept.close()

    def keep(self) -> None:
        """What is there now is what ``restore`` brings back."""
        self._db.backup(self._kept)
        self.mark()
        self._kept_digest = self._digest

    def mark(self) -> None:
        """What is there now is what ``changed`` compares with."""
        version = self._data_version()
        if version != self._version or not self._digest:
            self._digest, self._version = self._hash(), version

    def changed(self) -> bool:
        """Whether a row changed since ``mark``, other than those that anything may change."""
        version = self._data_version()
        if version == self._version:
            return False  # SQLite: no other connection has committed anything
        if self._hash() != self._digest:
            return True
        self._version = version
        return False

    def restore(self) -> None:
        """Bring back what was kept."""
        self._kept.backup(self._db)
        self._digest, self._version = self._kept_digest, self._data_version()

    def tables(self) -> list[str]:
        found = self._db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        return [name for (name,) in found if not name.startswith("sqlite_")]

    def difference(self) -> list[str]:
        """Tables whose rows differ from those kept."""
        return [name for name in self.tables() if _rows(self._db, name) != _rows(self._kept, name)]

    def _data_version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _hash(self) -> str:
        found = hashlib.blake2b(digest_size=16)
        for name in self.tables():
            if name not in EXEMPT_TABLES:
                found.update(f"{name} {_rows(self._db, name)!r}".encode())
        return found.hexdigest()


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    cursor = db.execute(f'SELECT * FROM "{table}"')
    without = EXEMPT_COLUMNS.get(table, frozenset())
    column, values = EXEMPT_ROWS.get(table, ("", frozenset()))
    number_of = next((n for n, found in enumerate(cursor.description) if found[0] == column), -1)
    keep = [number for number, column in enumerate(cursor.description) if column[0] not in without]
    rows = [row for row in cursor if number_of < 0 or row[number_of] not in values]
    if len(keep) == len(cursor.description):
        return sorted(rows, key=repr)
    return sorted((tuple(row[number] for number in keep) for row in rows), key=repr)
