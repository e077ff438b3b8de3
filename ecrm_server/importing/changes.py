"""What imports did with objects: written with the change itself, read to tell local edits apart and to undo."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from ecrm_server.data import Prepared
from ecrm_server.data.bulk import insert_many, select_by_key

CREATED, UPDATED, SEEN, FAILED = "created", "updated", "seen", "failed"

WHOLE = "*"
"""In what is remembered of a creation: the digest of the whole object, which tells any later edit."""

_COLUMNS = ("run_id", "row_number", "kind", "object_uid", "what", "before", "after")
_KNOWN = (
    "SELECT c.object_uid, c.run_id, c.after FROM import_change c JOIN import_run r ON r.id = c.run_id"
    " WHERE c.kind = ? AND r.state NOT IN ('undoing', 'undone') AND c.object_uid IN {keys} ORDER BY c.id"
)
_FORGET = "DELETE FROM import_change WHERE kind = ? AND object_uid IN {keys} RETURNING id"
_DONE = Prepared(
    "SELECT id, row_number, kind, object_uid, what, before, after FROM import_change"
    " WHERE run_id = ? AND id < ? AND what IN ('created', 'updated') ORDER BY id DESC LIMIT ?"
)
_FAILED = Prepared(
    "SELECT row_number, before FROM import_change WHERE run_id = ? AND what = 'failed' ORDER BY row_number, id"
)
NEWEST = 2**62


def digest(value: Any) -> str:
    """A checksum that tells two values of a field apart; one local edit in four thousand million goes unnoticed."""
    return f"{crc32(repr(value).encode(errors='replace')):x}"


def whole(values: Mapping[str, Any]) -> str:
    """A digest of all fields of an object; empty ones do not count, so a field that is added later changes nothing."""
    return digest(sorted([(name, repr(value)) for name, value in values.items() if value is not None]))


@dataclass(slots=True)
class Known:
    """What imports know of an object: the digest of what they last brought, by field, and the last run."""

    digests: dict[str, str] = field(default_factory=dict)
    run: int = 0


def known(kind: str, uids: Collection[str]) -> dict[str, Known]:
    """What imports that were not undone know of these objects."""
    found: dict[str, Known] = {}
    for uid, run, after in select_by_key(_KNOWN, uids, kind):
        entry = found.setdefault(uid, Known())
        entry.digests.update(json.loads(after))
        entry.run = run
    return found


@dataclass(frozen=True, slots=True)
class Note:
    """One row of the table to be."""

    row_number: int
    object_uid: str
    what: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


def write(run: int, kind: str, notes: list[Note]) -> None:
    """Store notes, in the transaction of what they tell of."""
    rows = [
        (run, note.row_number, kind, note.object_uid, note.what, _json(note.before), _json(note.after))
        for note in notes
    ]
    if rows:
        insert_many("import_change", _COLUMNS, rows)


def done(run: int, before: int = NEWEST, limit: int = 500) -> list[dict[str, Any]]:
    """What a run created and updated, last first; ``before`` is the id of the last one of the page before."""
    rows = _DONE.rows(run, before, limit)
    for row in rows:
        row["before"], row["after"] = json.loads(row["before"]), json.loads(row["after"])
    return rows


def failed(run: int) -> list[tuple[int, dict[str, Any]]]:
    """The rows that the parts refused while the run wrote: number, and ``reason`` and ``cells``."""
    return [(number, json.loads(about)) for number, about in _FAILED.tuples(run)]


def forget(kind: str, uids: Collection[str]) -> None:
    """Delete what imports remember of objects: called when somebody is forgotten, in the same transaction."""
    list(select_by_key(_FORGET, uids, kind))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
