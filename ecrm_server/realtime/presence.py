"""Who is in a room, across processes: each tells the others whom it has; what is not repeated is forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrm_server import clock

THROTTLE = 1.0
"""Seconds between two presence events of a room."""
REPEAT = 20.0
FORGET = 50.0
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Here:
    """Whom one process has in a room: (uid, name) of the signed-in people, and how many sockets without one."""

    people: tuple[tuple[str, str], ...] = ()
    anonymous: int = 0

    def __bool__(self) -> bool:
        return bool(self.people or self.anonymous)


class Presence:
    """One per process. ``look(room)`` tells who is here; ``tell`` reaches the other processes; ``emit`` our sockets."""

    def __init__(
        self,
        look: Callable[[str], Here],
        tell: Callable[[dict[str, Any]], None],
        emit: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._look, self._tell, self._emit = look, tell, emit
        self._lock = threading.Lock()
        self._local: dict[str, Here] = {}
        self._remote: dict[str, dict[str, tuple[Here, float]]] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self._flushed = self._repeated = 0.0

    def changed(self, room: str) -> None:
        """Somebody came or went here; everybody hears of it within a second."""
        with self._lock:
            if room not in self._local:
                self._local[room] = Here()
                self._tell({"who": room})
            self._changed.add(room)

    def heard(self, message: dict[str, Any]) -> None:
        """Another process asks, or tells whom it has."""
        with self._lock:
            if "who" in message:
                here = self._local.get(message["who"])
                if here:
                    self._tell(_told(message["who"], here))
                return
            room, people, anonymous = message["here"]
            if room in self._local:
                here = Here(tuple((str(uid), str(name)) for uid, name in people), int(anonymous))
                self._remote.setdefault(room, {})[message["from"]] = (here, time.monotonic() + FORGET)
                self._changed.add(room)

    def tick(self) -> None:
        """Tell what changed, at most once a second."""
        now = time.monotonic()
        if now - self._flushed < THROTTLE:
            return
        self._flushed = now
        with self._lock:
            repeat = now - self._repeated >= REPEAT
            if repeat:
                self._repeated = now
                self._changed.update(self._local)
            changed, self._changed = self._changed, set()
            for room in changed:
                self._refresh(room, repeat=repeat)

    def snapshot(self, room: str) -> dict[str, Any]:
        """Who is in the room now: ``{members: [{uid, name}], count, anonymous}``."""
        with self._lock:
            return self._together(room, self._look(room))

    def withdraw(self) -> None:
        """This process ends: the others forget whom it had."""
        with self._lock:
            for room in self._local:
                self._tell(_told(room, Here()))

    def _refresh(self, room: str, *, repeat: bool) -> None:
        here = self._look(room)
        if repeat or here != self._local.get(room):
            self._tell(_told(room, here))
        if not here:
            self._local.pop(room, None)
            self._remote.pop(room, None)
            self._shown.pop(room, None)
            return
        self._local[room] = here
        data = self._together(room, here)
        if data != self._shown.get(room):
            self._shown[room] = data
            ref = room.partition(":")[2]
            head = {"channel": room, "name": "presence", "seq": None, "at": clock.now(), "ref": ref}
            self._emit(room, head | {"data": data})

    def _together(self, room: str, here: Here) -> dict[str, Any]:
        now = time.monotonic()
        others = [there for there, until in self._remote.get(room, {}).values() if until > now]
        people = {uid: name for there in (here, *others) for uid, name in there.people}
        by_name = sorted(people.items(), key=lambda item: item[1].casefold())
        members = [{"uid": uid, "name": name} for uid, name in by_name[:_SHOWN]]
        anonymous = sum(there.anonymous for there in (here, *others))
        return {"members": members, "count": len(people), "anonymous": anonymous}


def _told(room: str, here: Here) -> dict[str, Any]:
    return {"here": [room, [list(person) for person in here.people], here.anonymous]}
