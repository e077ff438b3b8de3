"""Counting faults per plugin; too many in a minute and the plugin is quarantined."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable

from ecrm_server import clock
from ecrm_server.data import is_away
from ecrm_server.errors import ReadingOnly

log = logging.getLogger(__name__)

LIMIT = 20
WINDOW = 60 * clock.SECOND


class Breaker:
    """One per process; it outlives generations."""

    def __init__(self, quarantine: Callable[[str, str], object]) -> None:
        self._quarantine = quarantine
        self._recent: dict[str, deque[int]] = {}
        self._lock = threading.Lock()
        self.counts: Counter[tuple[str, str]] = Counter()
        """(plugin, hook) -> faults since the process started."""
        self.last: dict[str, str] = {}
        """plugin -> its last traceback."""

    def fault(self, plugin: str, where: str, error: BaseException) -> None:
        """Log and count a fault of a plugin; quarantine it when it faults too often.

        A database away is nobody's, and so is a change that was kept from happening while somebody only looks.
        """
        if isinstance(error, ReadingOnly):
            return
        trace = "".join(traceback.format_exception(error))
        log.error(
            "%s failed in %s: %s",
            plugin,
            where,
            error,
            extra={"plugin": plugin, "hook": where, "trace": trace},
        )
        if is_away(error):
            return
        with self._lock:
            self.counts[plugin, where] += 1
            self.last[plugin] = f"{where}\n{trace}"
            recent = self._recent.setdefault(plugin, deque(maxlen=LIMIT))
            recent.append(clock.now())
            tripped = len(recent) == LIMIT and recent[-1] - recent[0] <= WINDOW
            if tripped:
                recent.clear()
        if tripped:
            self._quarantine(plugin, f"It failed {LIMIT} times within a minute, last in {where}.\n\n{trace}")

    def reset(self, plugin: str) -> None:
        """Forget a plugin's faults (it was enabled again)."""
        with self._lock:
            self._recent.pop(plugin, None)
            self.last.pop(plugin, None)
            for key in [key for key in self.counts if key[0] == plugin]:
                del self.counts[key]
