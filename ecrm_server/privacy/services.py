"""A person's own data: asking for a copy, fetching it, being forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

from ecrm_server import clock, ids
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import EcrmError, NotFound, Refusal
from ecrm_server.identity import actors
from ecrm_server.jobs.services import enqueue
from ecrm_server.notices.services import notify
from ecrm_server.privacy import archive, erasing
from ecrm_server.storage import services as storage
from ecrm_server.storage.store import new_key

EXPORT_DAYS = 7
RETRY_AFTER = 5 * clock.MINUTE
READY = "privacy.export_ready"

_COLUMNS = "id, uid, kind, account_id, asked_by, state, job, error, file, at, finished_at, expires_at"
_ASK = Prepared(
    "INSERT INTO data_request (uid, kind, account_id, asked_by, state, job, error, at)"
    " VALUES (?, ?, ?, ?, 'waiting', '', '', ?) ON CONFLICT (account_id, kind)"
    " WHERE state IN ('waiting', 'running') DO NOTHING"
)
_JOB = Prepared("UPDATE data_request SET job = ? WHERE uid = ?")
_ONE = Prepared(f"SELECT {_COLUMNS} FROM data_request WHERE uid = ?")
_MINE = Prepared(
    f"SELECT {_COLUMNS} FROM data_request WHERE account_id = ? AND kind = ? ORDER BY id DESC LIMIT 20"
)
_PAGE = Prepared(
    f"SELECT r.{_COLUMNS.replace(', ', ', r.')}, a.uid AS account_uid, p.name, p.uid AS profile_uid FROM data_request r"
    " LEFT JOIN account a ON a.id = r.account_id LEFT JOIN profile p ON p.account_id = r.account_id"
    " WHERE r.id < ? ORDER BY r.id DESC LIMIT ?"
)
_REQUESTS = Prepared(
    "SELECT kind, state, at, finished_at FROM data_request WHERE account_id = ? ORDER BY id DESC"
)
_STATE = Prepared("UPDATE data_request SET state = ?, error = ?, finished_at = ? WHERE uid = ?")
_READY = Prepared(
    "UPDATE data_request SET state = 'ready', error = '', file = ?, finished_at = ?, expires_at = ? WHERE uid = ?"
)
_OVER = Prepared("SELECT uid, file FROM data_request WHERE file IS NOT NULL AND expires_at <= ?")
_ARCHIVES = Prepared("SELECT uid, file FROM data_request WHERE file IS NOT NULL AND account_id = ?")
_EXPIRE = Prepared("UPDATE data_request SET state = 'expired', file = NULL WHERE uid = ?")
_PROFILE = Prepared("SELECT id FROM profile WHERE account_id = ?")
NEWEST = 2**62


def ask_for_export(actor: Actor) -> None:
    """Ask for a copy of the own data; a job gathers it. Raises Refusal while one is being gathered."""
    assert actor.account_id is not None
    with transaction():
        request = _ask("export", actor.account_id, actor)
        _JOB.run(enqueue("privacy.export", request=request, created_by=actor.account_id), request)


def erase(account_id: int, actor: Actor) -> None:
    """Forget a person now, see :func:`ecrm_server.privacy.erasing.erase`.

    When a part fails nothing is changed, the failure stands in the administration, and a job tries again: then it
    raises Refusal. Raises NotFound for an account that is gone, Refusal for the only administrator.
    """
    erasing.check(account_id)
    request = _ask("erasure", account_id, actor)
    try:
        carry_out_erasure(request)
    except EcrmError:
        raise
    except Exception as error:
        with transaction():
            _JOB.run(enqueue("privacy.erasure", run_at=clock.now() + RETRY_AFTER, request=request), request)
        raise Refusal(
            "This could not be done at once. It is tried again soon, and the administrators know."
        ) from error


def _ask(kind: str, account_id: int, actor: Actor) -> str:
    with transaction():
        uid = ids.public_id()
        if not _ASK.run(uid, kind, account_id, actor.account_id, clock.now()):
            raise Refusal("This was asked for already; it is being worked on.")
        record(f"privacy.{kind}_asked", actor=actor, obj_kind="data_request", obj_uid=uid)
    return uid


def try_again(actor: Actor, uid: str) -> None:
    """Start a failed request again."""
    row = _row(uid)
    if row["state"] != "failed":
        raise Refusal("Only a failed request can be started again.")
    with transaction():
        _STATE.run("waiting", "", None, uid)
        _JOB.run(enqueue(f"privacy.{row['kind']}", request=uid, created_by=row["asked_by"]), uid)
        record("privacy.tried_again", actor=actor, obj_kind="data_request", obj_uid=uid)


def export(request: str, progress: archive.Progress = lambda *_: None) -> None:
    """Gather an export that was asked for and tell its person. A fault of any part leaves no archive at all."""
    row = _row(request)
    if row["state"] == "ready":
        return

    def work() -> None:
        profile_id = _PROFILE.value(row["account_id"])
        if profile_id is None:
            raise NotFound("The account is gone.")
        content = archive.build(row["account_id"], profile_id, progress)
        key, now = new_key("zip"), clock.now()
        storage.store().put(key, content)
        with transaction():
            _READY.run(key, now, now + EXPORT_DAYS * clock.DAY, request)
            notify([row["account_id"]], READY, title="Your data is ready to download", url="/me/data")

    _watched(request, work)


def carry_out_erasure(request: str) -> None:
    """Erase the person of a request."""
    row = _row(request)
    if row["state"] == "done":
        return
    asked_by = row["asked_by"]
    actor = Actor(account_id=asked_by) if asked_by == row["account_id"] else SYSTEM
    if asked_by is not None and asked_by != row["account_id"]:
        actor = actors.of_account(asked_by)

    def work() -> None:
        with transaction():
            erasing.erase(row["account_id"], actor)
            _STATE.run("done", "", clock.now(), request)

    _watched(request, work)


def _watched(request: str, work: Callable[[], None]) -> None:
    _STATE.run("running", "", None, request)
    try:
        work()
    except Exception as error:
        _STATE.run("failed", f"{type(error).__name__}: {error}"[:2000], clock.now(), request)
        raise


def requests(account_id: int) -> list[dict[str, Any]]:
    """What a person asked for, newest first, for the export."""
    return _REQUESTS.rows(account_id)


def exports(account_id: int) -> list[dict[str, Any]]:
    """A person's exports, newest first."""
    return _MINE.rows(account_id, "export")


def open_export(actor: Actor, uid: str) -> BinaryIO:
    """A finished archive of the actor's own. Raises NotFound for anybody else's, one not ready, and one expired."""
    row = _ONE.row(uid)
    if (
        row is None
        or row["account_id"] != actor.account_id
        or row["state"] != "ready"
        or row["expires_at"] <= clock.now()
    ):
        raise NotFound()
    try:
        return storage.store().open(row["file"])
    except FileNotFoundError as error:
        raise NotFound() from error


def sweep() -> int:
    """Delete archives that are over. Returns how many."""
    return _drop(_OVER.rows(clock.now()))


def drop_archives(account_id: int) -> None:
    """Delete a person's archives (erasure)."""
    _drop(_ARCHIVES.rows(account_id))


def _drop(rows: list[dict[str, Any]]) -> int:
    store = storage.store()
    with transaction():
        for row in rows:
            _EXPIRE.run(row["uid"])
            # Only once the row is gone for good: an erasure that is undone keeps its archives.
            database.after_commit(partial(store.delete, row["file"]))
    return len(rows)


def page(*, before: int = NEWEST, limit: int = 50) -> tuple[list[dict[str, Any]], int | None]:
    """Every request, newest first, and ``before`` of the next page."""
    rows = _PAGE.rows(before, limit + 1)
    return rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None


def _row(uid: str) -> dict[str, Any]:
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    return row


__all__ = [
    "ask_for_export",
    "carry_out_erasure",
    "drop_archives",
    "erase",
    "export",
    "exports",
    "open_export",
    "page",
    "requests",
    "sweep",
    "try_again",
]
