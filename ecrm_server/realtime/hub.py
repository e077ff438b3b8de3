"""The hub of a process: which local sockets are in which rooms, and what they have been handed so far.

It reads the database whenever something says that a room may have moved: this process's own commits, a wake-up from
another process through Redis, or its own clock. So a lost wake-up costs time but never a message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ecrm_server import clock
from ecrm_server.data import database
from ecrm_server.realtime import store
from ecrm_server.realtime.store import Push, Replay

log = logging.getLogger(__name__)

CONTROL_ROOM = "system.control:all"
POLL_SECONDS = 0.5
"""How often the database is asked when nothing wakes the hub reliably."""
SAFETY_SECONDS = 1.0
"""The same while Redis is well."""
_JOIN_ATTEMPTS = 50


class Outlet(Protocol):
    """Where a hub hands over what it found."""

    def emit(self, room: str, payload: dict[str, Any]) -> None:
        """Give an event to the local sockets in a room; must not wait."""

    def control(self, push: Push) -> None:
        """A message of the control room."""

    def wake_others(self, rooms: list[str]) -> None:
        """Tell the other processes that rooms moved; must not wait."""

    def tick(self) -> None:
        """Called a few times a second, between rounds."""


@dataclass(slots=True)
class _Room:
    last: int
    sids: set[str] = field(default_factory=set)


class Hub:
    """One per process, permanent: it survives the swaps of generations."""

    def __init__(self, outlet: Outlet, *, reliable: Callable[[], bool] = lambda: False) -> None:
        self._outlet = outlet
        self._reliable = reliable
        self._rooms: dict[str, _Room] = {}
        self._lock = threading.Lock()
        self._moved: set[str] = set()
        self._own: set[str] = set()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._polled = 0.0

    def start(self) -> None:
        """Start the hub's thread (a greenlet under gevent)."""
        opened = database.connect(reuse_if_open=True)
        self._rooms[CONTROL_ROOM] = _Room(store.position(CONTROL_ROOM))
        if opened:
            database.close()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the hub's thread."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def notify(self, rooms: Iterable[str], *, own: bool = False) -> None:
        """Rooms may have moved; ``own`` when this process moved them and the others must hear of it."""
        with self._lock:
            self._moved.update(rooms)
            if own:
                self._own.update(rooms)
        self._wake.set()

    def poll_now(self) -> None:
        """Ask the database about every local room at once (wake-ups may have been lost)."""
        self._polled = 0.0
        self._wake.set()

    def join(self, room: str, sid: str, since: int | None, enter: Callable[[], None]) -> Replay | None:
        """Take a socket into a room; returns what it missed, or None when the room moved too fast to follow.

        ``enter`` is called under the hub's lock at the moment from which the socket gets every later message: nothing
        falls between the replay and the first live event, and nothing comes twice.
        """
        for _ in range(_JOIN_ATTEMPTS):
            replay = store.replay(room, since)
            if self._enter(room, sid, replay.seq, enter):
                return replay
            self._follow(room)
        return None

    def _enter(self, room: str, sid: str, seq: int, enter: Callable[[], None]) -> bool:
        with self._lock:
            known = self._rooms.get(room)
            if known is not None and known.last != seq:
                return False
            enter()
            self._rooms.setdefault(room, _Room(seq)).sids.add(sid)
        return True

    def leave(self, room: str, sid: str) -> None:
        """Forget a socket in a room, and the room after its last socket."""
        with self._lock:
            known = self._rooms.get(room)
            if known is None:
                return
            known.sids.discard(sid)
            if not known.sids and room != CONTROL_ROOM:
                del self._rooms[room]

    def rooms(self) -> list[str]:
        """The rooms with local sockets."""
        return [room for room in list(self._rooms) if room != CONTROL_ROOM]

    def sids(self, room: str) -> list[str]:
        """The local sockets in a room."""
        known = self._rooms.get(room)
        return list(known.sids) if known else []

    def control_position(self) -> int:
        """How far this process has followed the control room."""
        return self._rooms[CONTROL_ROOM].last

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            try:
                self._round()
            except Exception:  # the database is away for a moment: the messages wait in it
                log.exception("live updates could not be read; they are read again")
                time.sleep(POLL_SECONDS)
                self.poll_now()

    def _round(self) -> None:
        with self._lock:
            moved, own = self._moved, self._own
            self._moved, self._own = set(), set()
        if own:
            self._outlet.wake_others(sorted(own))
        with database.connection_context():
            for room in moved:
                self._follow(room)
            if time.monotonic() - self._polled >= (SAFETY_SECONDS if self._reliable() else POLL_SECONDS):
                self._polled = time.monotonic()
                self._poll()
            self._outlet.tick()

    def _poll(self) -> None:
        for room, seq in store.positions(list(self._rooms)):
            known = self._rooms.get(room)
            if known is not None and seq > known.last:
                self._follow(room)

    def _follow(self, room: str) -> None:
        """Hand out everything that a room has beyond what was handed out."""
        known = self._rooms.get(room)
        if known is None:
            return
        last = known.last
        seq = store.position(room)
        if seq > last:
            self._hand_out(room, last, seq, store.between(room, last, seq))

    def _hand_out(self, room: str, last: int, seq: int, pushes: tuple[Push, ...] | None) -> None:
        controls: list[Push] = []
        with self._lock:
            known = self._rooms.get(room)
            if known is None or known.last >= seq:
                return
            if pushes is None:
                self._outlet.emit(
                    room, Push(room, seq, "reset", room.partition(":")[2], clock.now()).payload()
                )
            for push in pushes or ():
                if push.seq <= known.last:
                    continue  # another thread of this process handed it out meanwhile
                controls.append(push) if room == CONTROL_ROOM else self._outlet.emit(room, push.payload())
            known.last = seq
        for push in controls:
            self._outlet.control(push)


_current: Hub | None = None


def use(hub: Hub | None) -> None:
    """Make a hub that of this process."""
    global _current
    _current = hub


def current() -> Hub | None:
    """The hub of this process, if it has one."""
    return _current


def wake_after_commit(rooms: list[str]) -> None:
    """After the surrounding transaction, wake this process's hub for rooms that it moved."""
    database.after_commit(lambda: wake(rooms))


def wake(rooms: list[str]) -> None:
    """Wake this process's hub; without one (a command) the hubs of the servers find out by themselves."""
    if _current is not None:
        _current.notify(rooms, own=True)
