"""Lists of customers and organisations: found by name, in the order of names, paged by key."""

from __future__ import annotations

from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared

PAGE = 50


def like(text: str) -> str:
    """A LIKE pattern (escape character ``!``) for keys that contain a text."""
    escaped = name_key(text).replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def page(
    table: str, select: str, *, matches: str, q: str, after: str, only: str = "", params: tuple[Any, ...] = ()
) -> tuple[list[dict[str, Any]], str]:
    """Rows of ``select`` (which calls the table ``t``) whose columns ``matches`` contain ``q``, and the next cursor.

    only: a further condition with its ``params``. after: the public id of the last row seen.
    """
    conditions = [only] if only else []
    values: list[Any] = [*params]
    if q.strip():
        names = matches.split()
        conditions.append("(" + " OR ".join(f"t.{name} LIKE ? ESCAPE '!'" for name in names) + ")")
        values += [like(q)] * len(names)
    if after:  # a row that the condition hides says nothing, not even where its name stands
        known = f"SELECT t.name_key, t.id FROM {table} t WHERE t.uid = ?{f' AND {only}' if only else ''}"
        start = Prepared(known).tuples(after, *params)
    else:
        start = []
    if start:
        conditions.append("(t.name_key > ? OR (t.name_key = ? AND t.id > ?))")
        values += [start[0][0], start[0][0], start[0][1]]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = Prepared(f"{select}{where} ORDER BY t.name_key, t.id LIMIT {PAGE + 1}").rows(*values)
    return rows[:PAGE], rows[PAGE - 1]["uid"] if len(rows) > PAGE else ""
