"""The sockets of this process and the people behind them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.realtime.limits import Window

ACTS_PER_TEN_SECONDS = 150
MAX_ROOMS = 100


@dataclass(slots=True, eq=False)
class Member:
    """One connected socket. ``cookie`` is a secret and stays out of every log."""

    sid: str
    cookie: str = field(repr=False)
    actor: Actor
    wire: Any = field(repr=False, default=None)
    generation: int = 0
    """Number of the generation in which the actor's rights were computed."""
    checked_at: float = field(default_factory=time.monotonic)
    rooms: set[str] = field(default_factory=set)
    acts: Window = field(default_factory=lambda: Window(ACTS_PER_TEN_SECONDS))
    messages: dict[tuple[str, str], Window] = field(default_factory=dict)
    gone: bool = False

    def may_send(self, room: str, message: str, rate: int) -> bool:
        """Count one message of a kind to a room against its rate in ten seconds."""
        window = self.messages.get((room, message))
        if window is None:
            window = self.messages[room, message] = Window(rate)
        return window.allow()
