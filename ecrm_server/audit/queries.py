"""Reading the audit log: filters, pages by key, rows for the export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecrm_server.data import Prepared

PAGE = 50
EXPORT_LIMIT = 100_000
"""Most rows of one export; a narrower time gives the rest."""

_COLUMNS = (
    "uid, at, action, actor_account_id, actor_kind, actor_name, obj_kind, obj_uid, before, after, note,"
    " detail_salt, seal"
)
_CURSOR = Prepared("SELECT id FROM audit_entry WHERE uid = ?")


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Texts are parts of names, case ignored; times are milliseconds, ``since`` inclusive."""

    actor: str = ""
    action: str = ""
    obj: str = ""
    since: int | None = None
    until: int | None = None

    def where(self) -> tuple[list[str], list[Any]]:
        """SQL conditions and their parameters."""
        conditions: list[str] = []
        params: list[Any] = []
        for column, text in (("actor_name", self.actor), ("action", self.action)):
            if text:
                conditions.append(f"LOWER({column}) LIKE ? ESCAPE '!'")
                params.append(contains(text))
        if self.obj:
            conditions.append("(obj_uid = ? OR LOWER(obj_kind) LIKE ? ESCAPE '!')")
            params += [self.obj.strip(), contains(self.obj)]
        if self.since is not None:
            conditions.append("at >= ?")
            params.append(self.since)
        if self.until is not None:
            conditions.append("at < ?")
            params.append(self.until)
        return conditions, params


def contains(text: str) -> str:
    """A LIKE pattern (escape character ``!``) for rows that contain a text."""
    escaped = text.strip().lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def page(which: Filter, *, before: str = "", limit: int = PAGE) -> tuple[list[dict[str, Any]], str]:
    """One page, newest first, and the cursor of the next (empty at the end). ``before`` is such a cursor."""
    conditions, params = which.where()
    if before:
        conditions.append("id < ?")
        params.append(_CURSOR.value(before) or 0)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    select = f"SELECT {_COLUMNS} FROM audit_entry{where} ORDER BY id DESC LIMIT {limit + 1}"
    rows = [_shown(row) for row in Prepared(select).rows(*params)]
    return rows[:limit], rows[limit - 1]["uid"] if len(rows) > limit else ""


def export(which: Filter) -> Iterator[dict[str, Any]]:
    """Every row of the filter, newest first, a thousand at a time."""
    cursor, count = "", 0
    while count < EXPORT_LIMIT:
        rows, cursor = page(which, before=cursor, limit=1000)
        yield from rows
        count += len(rows)
        if not cursor:
            return


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    row["erased"] = row.pop("detail_salt") is None
    for name in ("before", "after"):
        row[name] = None if row[name] is None else json.loads(row[name])
    row["changes"] = changes(row["before"], row["after"])
    return row


def changes(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """(field, old, new) of every field that differs; what is no mapping is one nameless field."""
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return [("", before, after)] if before != after else []
    old, new = before or {}, after or {}
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
