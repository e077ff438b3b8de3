"""Hand-written SQL for hot paths: compiled once, run without the query builder, rows as dicts."""

from __future__ import annotations

from typing import Any

from ecrm_server.data.database import database, is_postgres


class Prepared:
    """One SQL statement with ``?`` placeholders, for both engines.

    >>> TOPIC = Prepared("SELECT id, title FROM forums_topic WHERE uid = ?")
    >>> TOPIC.row("8fJk2LmN9pQr")
    {'id': 1, 'title': 'Hello'}

    With ``lock`` a SELECT keeps the rows it read from changing until the transaction ends. Take such a lock before an
    UPDATE that counts rows of another table: PostgreSQL, when it waited for the updated row, would count as of before
    the wait. Rows that refer to the locked ones can be added meanwhile. (SQLite has one writer at a time and needs no
    locks.)

    The statement must hold no literal question mark.
    """

    __slots__ = ("_columns", "_postgres_sql", "sql")

    def __init__(self, sql: str, *, lock: bool = False) -> None:
        self.sql = sql
        self._postgres_sql = sql.replace("%", "%%").replace("?", "%s") + (" FOR NO KEY UPDATE" if lock else "")
        self._columns: tuple[str, ...] | None = None

    def _execute(self, params: tuple[Any, ...]) -> Any:
        return database.execute_sql(self._postgres_sql if is_postgres() else self.sql, params)

    def rows(self, *params: Any) -> list[dict[str, Any]]:
        """All rows as dicts by column name."""
        cursor = self._execute(params)
        columns = self._columns
        if columns is None:
            columns = self._columns = tuple(item[0] for item in cursor.description)
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def row(self, *params: Any) -> dict[str, Any] | None:
        """The first row as a dict, or None."""
        rows = self.rows(*params)
        return rows[0] if rows else None

    def tuples(self, *params: Any) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        return list(self._execute(params).fetchall())

    def value(self, *params: Any) -> Any:
        """The first column of the first row, or None. Works with ``RETURNING`` too."""
        row = self._execute(params).fetchone()
        return None if row is None else row[0]

    def run(self, *params: Any) -> int:
        """Execute a write and return how many rows it touched."""
        return int(self._execute(params).rowcount)
