"""Tables whose rows are written once: the database itself refuses to change or delete them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import peewee


def append_only(db: Any, table: str, *, may_change: Collection[str] = ()) -> None:
    """Let a table refuse DELETE, and UPDATE of every column but those named. Called in a migration's ``up``.

    Whoever holds the database file can drop these triggers; that is what seals are for.
    """
    frozen = ", ".join(
        f'"{column.name}"' for column in db.get_columns(table) if column.name not in may_change
    )
    if isinstance(db, peewee.PostgresqlDatabase):
        _refuse_in_postgres(db, table, frozen)
    else:
        _refuse_in_sqlite(db, table, frozen)


def changeable(db: Any, table: str) -> None:
    """Undo :func:`append_only`; dropping the table does so too on SQLite. Called in a migration's ``down``."""
    on_table = f" ON {table}" if isinstance(db, peewee.PostgresqlDatabase) else ""
    for verb in ("update", "delete"):
        db.execute_sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on_table}")
    if on_table:
        db.execute_sql(f"DROP FUNCTION IF EXISTS {table}_append_only()")


def _refuse_in_sqlite(db: Any, table: str, frozen: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    db.execute_sql(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    db.execute_sql(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {frozen} ON {table} {refuse}")


def _refuse_in_postgres(db: Any, table: str, frozen: str) -> None:
    function = f"{table}_append_only()"
    db.execute_sql(
        f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    for verb, events in (("delete", "DELETE"), ("update", f"UPDATE OF {frozen}")):
        db.execute_sql(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}"
        )
