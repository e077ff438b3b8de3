"""What the work of a job is given: its arguments, and ways to tell how far it is and whether to stop."""

from __future__ import annotations

import threading
import time
from typing import Any

from ecrm_server import clock
from ecrm_server.data import Prepared

_PROGRESS = Prepared(
    "UPDATE job SET progress = ?, total = ?, message = ?, heartbeat_at = ? WHERE uid = ? AND state = 'running'"
    " AND attempts = ?"
)
_CANCEL = Prepared("SELECT cancel FROM job WHERE uid = ?")

INTERVAL = 0.5
"""Seconds between two writes of the progress, and between two looks at a wish to cancel."""

stopping = threading.Event()
"""Set when the process ends: work that asks leaves off and is handed out again."""


class Stopped(Exception):
    """Raised by ``Run.check``: somebody cancelled the job, or its process ends. Let it pass."""


class Run:
    """One attempt at a job."""

    def __init__(self, uid: str, arguments: dict[str, Any], created_by: int | None, attempt: int) -> None:
        self.uid = uid
        self.arguments = arguments
        self.created_by = created_by
        """Account that asked for the job, or None."""
        self.attempt = attempt
        """1 for the first."""
        self._state: tuple[int, int | None, str] = (0, None, "")
        self._wrote = 0.0
        self._dirty = False
        self._looked = 0.0
        self._cancelled = False

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the work is: ``done`` of ``total`` units. Cheap to call for every unit."""
        self._state = (done, total, message)
        self._dirty = True
        if time.monotonic() - self._wrote >= INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write the progress now."""
        if self._dirty:
            self._wrote = time.monotonic()
            self._dirty = False
            _PROGRESS.run(*self._state, clock.now(), self.uid, self.attempt)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop (looked up at most twice a second)."""
        if not self._cancelled and time.monotonic() - self._looked >= INTERVAL:
            self._looked = time.monotonic()
            self._cancelled = bool(_CANCEL.value(self.uid))
        return self._cancelled

    def check(self) -> None:
        """Raise Stopped when the work should leave off: cancelled, or the process ends (it is then run again later)."""
        if stopping.is_set() or self.cancelled:
            raise Stopped
