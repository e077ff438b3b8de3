"""The sweeper: hands out what is due, what was lost and what recurs, and resumes what was parked."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction
from ecrm_server.jobs import execute, services
from ecrm_server.jobs.queue import Queue

if TYPE_CHECKING:
    from ecrm_server.kernel.generation import Generation

HEARTBEAT_SECONDS = 5.0
STALE = 20 * clock.SECOND
"""A running job whose process gave no sign for so long is lost."""
UNHEARD = 10 * clock.SECOND
"""A job that was handed out but not claimed for so long, while the queue is empty, fell out of it."""
BATCH = 500

_HEARTBEAT = Prepared("UPDATE job SET heartbeat_at = ? WHERE uid = ? AND state = 'running' AND worker = ?")
_DUE = Prepared(
    "SELECT uid FROM job WHERE state = 'queued' AND run_at <= ? AND (handed_at IS NULL OR handed_at < ?)"
    f" ORDER BY run_at LIMIT {BATCH}"
)
_HAND = Prepared(
    "UPDATE job SET handed_at = ? WHERE uid = ? AND state = 'queued' AND (handed_at IS NULL OR handed_at < ?)"
)
_RUNNING = Prepared("SELECT uid, kind, attempts, worker, heartbeat_at FROM job WHERE state = 'running'")
_LOST = Prepared(
    "UPDATE job SET state = 'queued', run_at = ?, handed_at = NULL"
    " WHERE uid = ? AND state = 'running' AND attempts = ?"
)
_PARKED = Prepared("SELECT DISTINCT kind FROM job WHERE state = 'parked'")
_RESUME = Prepared("UPDATE job SET state = 'queued', handed_at = NULL WHERE kind = ? AND state = 'parked'")
_SCHEDULE = Prepared("SELECT kind, next_at FROM job_schedule")
_PLAN = Prepared("INSERT INTO job_schedule (kind, next_at) VALUES (?, ?) ON CONFLICT (kind) DO NOTHING")
_CLAIM = Prepared("UPDATE job_schedule SET next_at = ?, last_at = ? WHERE kind = ? AND next_at <= ?")


class Sweeper:
    """One per job process; several may sweep one database at the same time."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._beat = 0.0

    def sweep(self, generation: Generation) -> None:
        """Look once over all open jobs."""
        was_empty = self._queue.is_empty()
        self._heartbeat()
        _resume(generation)
        _recover(generation)
        _schedule(generation)
        self._hand_out(was_empty)

    def _heartbeat(self) -> None:
        if time.monotonic() - self._beat < HEARTBEAT_SECONDS:
            return
        self._beat = time.monotonic()
        for uid in execute.running_here():
            _HEARTBEAT.run(clock.now(), uid, execute.worker_name())

    def _hand_out(self, was_empty: bool) -> None:
        now = clock.now()
        # Handing out again while messages still wait would only lengthen the queue.
        unheard = now - UNHEARD if was_empty else 0
        for (uid,) in _DUE.tuples(now, unheard):
            if _HAND.run(now, uid, unheard):
                self._queue.put(uid)


def _resume(generation: Generation) -> None:
    for (kind,) in _PARKED.tuples():
        if kind in generation.registry.jobs:
            _RESUME.run(kind)


def _recover(generation: Generation) -> None:
    """Take back the jobs of processes that are gone."""
    for row in _RUNNING.rows():
        if not _is_lost(row):
            continue
        kind = generation.registry.jobs.get(row["kind"])
        if kind is not None and row["attempts"] >= kind.max_attempts:
            execute.failed(
                row, kind, f"The process that ran it ended {row['attempts']} times before it was done."
            )
        else:
            _LOST.run(clock.now(), row["uid"], row["attempts"])


def _is_lost(row: dict[str, Any]) -> bool:
    if (row["heartbeat_at"] or 0) < clock.now() - STALE and row["uid"] not in execute.running_here():
        return True
    host, _, rest = row["worker"].partition(":")
    number, _, token = rest.partition(":")
    if host != execute.HOST or not number.isdigit():
        return False
    return token != execute.TOKEN if int(number) == os.getpid() else not _is_alive(int(number))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _schedule(generation: Generation) -> None:
    """Enqueue the recurring kinds that are due; the guarded UPDATE lets one process alone do it."""
    now = clock.now()
    planned = {row["kind"]: row["next_at"] for row in _SCHEDULE.rows()}
    for kind in generation.registry.jobs.values():
        if kind.every is None or planned.get(kind.name, 0) > now:
            continue
        with transaction():
            if kind.name not in planned:
                _PLAN.run(kind.name, now)
            if _CLAIM.run(now + kind.every * clock.SECOND, now, kind.name, now):
                services.enqueue(kind.name, unique=True)
