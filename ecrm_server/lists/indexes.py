"""Building the index that makes a column of a big table quick to sort and filter by."""

from __future__ import annotations

import re
from collections.abc import Callable

from ecrm_server.data import database, transaction
from ecrm_server.kernel import state

_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def index_name(table: str, column: str) -> str:
    """What the index is called that ``index_on`` makes."""
    return f"{table}_{column}_list"


def index_on(table: str, column: str) -> Callable[[], None]:
    """A ``make_index`` for a column of one's own table: ``(column, id)``, which pages by key walk along.

    Raises ValueError for what is no name: both are the part's own text, never input.
    """
    if not _NAME.fullmatch(table) or not _NAME.fullmatch(column):
        raise ValueError(f"{table}.{column} is no column")

    def make() -> None:
        with transaction():
            database.execute_sql(
                f"CREATE INDEX IF NOT EXISTS {index_name(table, column)} ON {table} ({column}, id)"
            )
            state.bump()  # a generation knows what is indexed

    return make
