"""The rows of imports of tables, and their files in the store."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Conflict, NotFound
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.options import Options
from ecrm_server.importing.run import Run
from ecrm_server.storage import services as storage
from ecrm_server.storage.store import new_key

_COLUMNS = (
    "id, uid, kind, source, path, state, phase, position, counts, options, report, total, account_id, job, file,"
    " error_file, started_at, updated_at, finished_at"
)
_ONE = Prepared(f"SELECT {_COLUMNS} FROM import_run WHERE uid = ?")
_BY_ID = Prepared(f"SELECT {_COLUMNS} FROM import_run WHERE id = ?")
_DRAFT = Prepared(
    "INSERT INTO import_run (uid, kind, source, path, digest, state, phase, position, counts, started_at, updated_at,"
    " options, account_id, file) VALUES (?, ?, ?, ?, '', 'draft', '', 0, '{}', ?, ?, ?, ?, ?)"
)
_DESCRIBE = Prepared("UPDATE import_run SET options = ?, total = ?, updated_at = ? WHERE id = ?")
_OPTIONS = Prepared(
    "UPDATE import_run SET options = ?, state = 'draft', report = '{}', updated_at = ? WHERE id = ?"
    " AND state IN ('draft', 'checking', 'checked')"
)
_MOVE = Prepared("UPDATE import_run SET state = ?, job = ?, updated_at = ? WHERE id = ? AND state = ?")
_RESET = Prepared("UPDATE import_run SET phase = '', position = 0 WHERE id = ?")
_REPORT = Prepared("UPDATE import_run SET state = ?, report = ?, total = ?, updated_at = ? WHERE id = ?")
_ERRORS = Prepared("UPDATE import_run SET error_file = ? WHERE id = ?")
_DELETE = Prepared("DELETE FROM import_run WHERE id = ? AND state IN ('draft', 'checking', 'checked')")
_OLD = Prepared(
    f"SELECT {_COLUMNS} FROM import_run WHERE (file <> '' OR error_file <> '') AND updated_at < ? LIMIT 100"
)
_CLEAR = Prepared("UPDATE import_run SET file = '', error_file = '', report = '{}' WHERE id = ?")
_FORGET_VALUES = Prepared(
    "UPDATE import_change SET before = '{}' WHERE before <> '{}' AND run_id IN"
    " (SELECT id FROM import_run WHERE updated_at < ?)"
)
_OF_ACCOUNT = Prepared(
    "SELECT kind, path, state, started_at, finished_at FROM import_run WHERE account_id = ? ORDER BY id"
)
_DISOWN = Prepared("UPDATE import_run SET account_id = NULL WHERE account_id = ?")
_DISOWN_TEMPLATES = Prepared("UPDATE import_template SET account_id = NULL WHERE account_id = ?")
PAGE = 50


def get(uid: str) -> dict[str, Any]:
    """One import as a dict, its documents read. Raises NotFound."""
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    return _read(row)


def by_id(row_id: int) -> dict[str, Any]:
    """The same by its row."""
    row = _BY_ID.row(row_id)
    if row is None:
        raise NotFound()
    return _read(row)


def page(kinds: list[str], before: int = 2**62) -> tuple[list[dict[str, Any]], int | None]:
    """The imports of these kinds, newest first, and the ``before`` of the next page (None at the end)."""
    places = ", ".join("?" * len(kinds)) or "NULL"
    statement = Prepared(
        f"SELECT {_COLUMNS} FROM import_run WHERE kind IN ({places}) AND id < ? ORDER BY id DESC LIMIT ?"
    )
    rows = [_read(row) for row in statement.rows(*kinds, before, PAGE + 1)]
    return rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None


def _read(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("counts", "options", "report"):
        row[name] = json.loads(row[name])
    row["name"] = Path(row["path"]).name
    return row


def keep(stream: BinaryIO, ending: str) -> str:
    """Put a file into the store; returns its key."""
    key = new_key(ending.lstrip("."))
    storage.store().put(key, stream)
    return key


def drop(key: str) -> None:
    """Delete a file after the commit."""
    if key:
        kept = storage.store()
        database.after_commit(lambda: kept.delete(key))


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A stored file as a file of this machine, while the block runs. Raises NotFound when it was deleted."""
    with tempfile.TemporaryDirectory(prefix="ecrm-import-") as folder:
        path = Path(folder) / "file"
        try:
            with storage.store().open(key) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target)
        except FileNotFoundError as error:
            raise NotFound("The file of this import was deleted.") from error
        yield path


def add_draft(kind: str, name: str, key: str, options: Options, account_id: int | None) -> str:
    """A new import of an uploaded file; returns its uid."""
    uid, now = ids.public_id(), clock.now()
    _DRAFT.run(uid, kind, uid, name[:500], now, now, _json(options.as_dict()), account_id, key)
    return uid


def describe(run: int, options: Options, total: int) -> None:
    """Note the options and the number of rows of a run that is carried out."""
    _DESCRIBE.run(_json(options.as_dict()), total, clock.now(), run)


def save_options(row: dict[str, Any], options: Options) -> None:
    """Change the options of an import that has not begun. Raises Conflict when it has."""
    if not _OPTIONS.run(_json(options.as_dict()), clock.now(), row["id"]):
        raise Conflict("This import has begun already.")


def move(row: dict[str, Any], state: str, job: str) -> None:
    """Go on from the state that ``row`` has. Raises Conflict when it has another one meanwhile."""
    if not _MOVE.run(state, job, clock.now(), row["id"], row["state"]):
        raise Conflict("Somebody else went on with this import meanwhile.")


def start_over(row: dict[str, Any]) -> None:
    """Set the checkpoint back: what follows is another pass over other rows."""
    _RESET.run(row["id"])


def report(row: dict[str, Any], state: str, found: dict[str, Any], total: int | None) -> None:
    """Keep what a pass found."""
    _REPORT.run(state, _json(found), total, clock.now(), row["id"])


def keep_errors(row: dict[str, Any], path: Path | None) -> None:
    """Keep the file of failed rows in place of the one before; None: there is none."""
    key = ""
    if path is not None:
        with path.open("rb") as stream:
            key = keep(stream, path.suffix)
    with transaction():
        drop(row["error_file"])
        _ERRORS.run(key, row["id"])


def run_of(row: dict[str, Any], names: tuple[str, ...]) -> Run:
    """The run of a row, at its checkpoint. names: counts that are always shown."""
    return Run(row["id"], row["phase"], row["position"], Counts.of(names, row["counts"]), resumed=bool(row["phase"]))


def discard(row: dict[str, Any]) -> None:
    """Forget an import that was not carried out. Raises Conflict when it was."""
    with transaction():
        if not _DELETE.run(row["id"]):
            raise Conflict("This import has begun already.")
        drop(row["file"])
        drop(row["error_file"])


def forget_old(before: int) -> None:
    """Delete the files and the former values of imports that nobody touched since; they can no longer be undone."""
    while rows := _OLD.rows(before):
        with transaction():
            for row in rows:
                drop(row["file"])
                drop(row["error_file"])
                _CLEAR.run(row["id"])
    _FORGET_VALUES.run(before)


def of_account(account_id: int) -> list[dict[str, Any]]:
    """The imports that a person made, as plain data."""
    return _OF_ACCOUNT.rows(account_id)


def forget_account(account_id: int) -> None:
    """Remove a person from the imports and templates that it made."""
    _DISOWN.run(account_id)
    _DISOWN_TEMPLATES.run(account_id)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
