"""Recording the statements of a piece of work, and running exactly these through the database driver alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ecrm_server import data
from ecrm_server.data import database

Statement = tuple[str, Any, bool]
"""SQL, parameters, and whether it ran inside the transaction."""


class Statements:
    """The statements of one call after the other."""

    def __init__(self) -> None:
        self.calls: list[list[Statement]] = []

    def record(self, act: Callable[[], Any]) -> None:
        """Call something and note every statement it runs."""
        call: list[Statement] = []

        def note(event: Any) -> None:
            call.append((event.sql, event.params, bool(database.in_transaction())))

        hooks = database.obj.query_hooks
        hooks.append(note)
        try:
            act()
        finally:
            hooks.remove(note)
            self.calls.append(call)

    def replay(self, url: str) -> list[float]:
        """Run the calls again on an equal database: milliseconds of each, its transaction included."""
        data.connect(url)
        with database.connection_context():
            cursor = database.connection().cursor()
            times = [_timed(cursor, call) for call in self.calls]
        database.close_all()
        return times


def _timed(cursor: Any, call: list[Statement]) -> float:
    begin = "BEGIN" if data.is_postgres() else "BEGIN IMMEDIATE"
    started = time.perf_counter()
    inside = False
    for sql, params, in_transaction in call:
        if in_transaction != inside:
            cursor.execute(begin if in_transaction else "COMMIT")
            inside = in_transaction
        cursor.execute(sql, params or ())
        if cursor.description:
            cursor.fetchall()
    if inside:
        cursor.execute("COMMIT")
    return (time.perf_counter() - started) * 1000
