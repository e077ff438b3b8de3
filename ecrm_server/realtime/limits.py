"""How often a socket may do something."""

from __future__ import annotations

import time


class Window:
    """At most ``limit`` acts within ``seconds``, counted in fixed windows. Not shared between sockets."""

    __slots__ = ("_count", "_limit", "_seconds", "_started")

    def __init__(self, limit: int, seconds: float = 10.0) -> None:
        self._limit = limit
        self._seconds = seconds
        self._started = 0.0
        self._count = 0

    def allow(self) -> bool:
        """Count one act; False when it is one too many."""
        now = time.monotonic()
        if now - self._started >= self._seconds:
            self._started, self._count = now, 0
        self._count += 1
        return self._count <= self._limit
