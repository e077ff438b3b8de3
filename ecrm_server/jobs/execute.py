"""Running one job: claim its row, do the work, write down what became of it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.data import Prepared, database
from ecrm_server.errors import Refusal
from ecrm_server.jobs.run import Run, Stopped, stopping
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.kernel.generation import Generation

log = logging.getLogger(__name__)

BACKOFF = (10 * clock.SECOND, clock.MINUTE, 5 * clock.MINUTE, 30 * clock.MINUTE, 2 * clock.HOUR)
"""Waits before the second and every further attempt."""

HOST = socket.gethostname()
TOKEN = secrets.token_hex(4)

_KIND = Prepared("SELECT kind FROM job WHERE uid = ? AND state = 'queued'")
_PARK = Prepared("UPDATE job SET state = 'parked', handed_at = NULL WHERE uid = ? AND state = 'queued'")
_CLAIM = Prepared(
    "UPDATE job SET state = 'running', attempts = attempts + 1, once = NULL, started_at = ?, heartbeat_at = ?,"
    " worker = ?, progress = 0, total = NULL, message = '', error = ''"
    " WHERE uid = ? AND state = 'queued' AND run_at <= ?"
    " RETURNING uid, kind, part, arguments, attempts, created_by"
)
# The attempt is part of every later change: a run that was given up for lost must not overwrite the next one.
_FINISH = Prepared(
    "UPDATE job SET state = ?, finished_at = ?, error = ? WHERE uid = ? AND state = 'running' AND attempts = ?"
)
_LATER = Prepared(
    "UPDATE job SET state = 'queued', run_at = ?, handed_at = NULL, error = ?"
    " WHERE uid = ? AND state = 'running' AND attempts = ?"
)
_GIVE_BACK = Prepared(
    "UPDATE job SET state = 'queued', attempts = attempts - 1, run_at = ?, handed_at = NULL"
    " WHERE uid = ? AND state = 'running' AND worker = ?"
)

_refresh: Callable[[], None] | None = None
_running: set[str] = set()
_lock = threading.Lock()


def refresh_with(refresh: Callable[[], None] | None) -> None:
    """Have every job begin with this: a job process serves no requests that would notice a new generation."""
    global _refresh
    _refresh = refresh


def worker_name() -> str:
    """Who runs a job: host, process and a token that tells a process from a later one with its number."""
    return f"{HOST}:{os.getpid()}:{TOKEN}"


def running_here() -> frozenset[str]:
    """The uids of the jobs that this process is running."""
    with _lock:
        return frozenset(_running)


def run_job(uid: str) -> None:
    """The one task of the queue: run a job if it waits and is due. Never raises."""
    if stopping.is_set():
        return
    try:
        with database.connection_context():
            if _refresh is not None:
                _refresh()
            generation = current.generation()
            with current.serving(generation):
                _run(generation, uid)
    except Exception:  # the row stays as it is; the sweeper hands it out again
        log.exception("job %s could not be run", uid)


def _run(generation: Generation, uid: str) -> None:
    name = _KIND.value(uid)
    if name is None:
        return  # another worker has it, or it is over
    kind = generation.registry.jobs.get(name)
    if kind is None:
        _PARK.run(uid)
        return
    now = clock.now()
    row = _CLAIM.row(now, now, worker_name(), uid, now)
    if row is None:
        return
    with _lock:
        _running.add(uid)
    try:
        _attempt(generation, kind, row)
    finally:
        with _lock:
            _running.discard(uid)


def _attempt(generation: Generation, kind: JobKind, row: dict[str, Any]) -> None:
    arguments = json.loads(row["arguments"])
    run = Run(row["uid"], arguments, row["created_by"], row["attempts"])
    try:
        kind.work(run, **arguments)
        run.flush()
    except Stopped:
        if run.cancelled:
            _finish(row, "cancelled", "")
        else:
            give_back(row["uid"])
    except Refusal as refusal:  # a rule says no: trying again would change nothing
        _finish(row, "failed", refusal.message)
    except Exception as error:  # whatever a job does, its row tells it
        generation.fault(row["part"], f"job {kind.name}", error)
        failed(row, kind, "".join(traceback.format_exception(error))[-8000:])
    else:
        _finish(row, "done", "")


def failed(row: dict[str, Any], kind: JobKind, error: str) -> None:
    """Try a job again later, or leave it failed after its last attempt. ``row``: uid and attempts."""
    if row["attempts"] >= kind.max_attempts:
        _finish(row, "failed", error)
        return
    wait = BACKOFF[min(row["attempts"], len(BACKOFF)) - 1]
    _LATER.run(clock.now() + wait, error, row["uid"], row["attempts"])


def _finish(row: dict[str, Any], state: str, error: str) -> None:
    _FINISH.run(state, clock.now(), error, row["uid"], row["attempts"])


def give_back(uid: str) -> None:
    """Put a job that this process runs back into the queue; the attempt does not count."""
    _GIVE_BACK.run(clock.now(), uid, worker_name())
