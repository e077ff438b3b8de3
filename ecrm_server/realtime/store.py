"""The sequence of every room, in the database: it alone is the truth, everything else only wakes readers up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecrm_server import clock
from ecrm_server.data import Prepared, database, transaction

KEPT = 500
"""Messages kept per room; who missed more starts again from the page."""
KEPT_FOR = 7 * clock.DAY
_CHUNK = 400

_NEXT = Prepared(
    "INSERT INTO channel (room, seq) VALUES (?, 1)"
    " ON CONFLICT (room) DO UPDATE SET seq = channel.seq + 1 RETURNING seq"
)
_INSERT = Prepared("INSERT INTO channel_message (room, seq, name, ref, at) VALUES (?, ?, ?, ?, ?)")
_POSITION = Prepared("SELECT seq FROM channel WHERE room = ?")
_BETWEEN = Prepared(
    "SELECT seq, name, ref, at FROM channel_message WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq"
)
_DROP_OLD = Prepared("DELETE FROM channel_message WHERE at < ?")
_DROP_SURPLUS = Prepared(
    "DELETE FROM channel_message WHERE seq <="
    f" (SELECT c.seq - {KEPT} FROM channel c WHERE c.room = channel_message.room)"
)


@dataclass(frozen=True, slots=True)
class Push:
    """One message of a room: that something happened, never what. ``at`` is in milliseconds UTC."""

    room: str
    seq: int
    name: str
    ref: str
    at: int

    def payload(self) -> dict[str, Any]:
        """As clients receive it."""
        return {"channel": self.room, "name": self.name, "seq": self.seq, "at": self.at, "ref": self.ref}


@dataclass(frozen=True, slots=True)
class Replay:
    """Where a room is and what came after a position; ``missed`` is None when that position is too old."""

    seq: int
    missed: tuple[Push, ...] | None = ()

    def answer(self) -> dict[str, Any]:
        """The body of a successful join."""
        missed: Any = {"reset": True} if self.missed is None else [push.payload() for push in self.missed]
        return {"ok": True, "seq": self.seq, "missed": missed}


def append(room: str, name: str, ref: str, at: int) -> int:
    """Add a message to a room and return its sequence number.

    The room's row stays locked until the surrounding transaction ends, so numbers become visible in their order.
    Raises RuntimeError outside a transaction.
    """
    if not database.in_transaction():
        raise RuntimeError(f"a message for {room} was appended outside a transaction")
    seq = int(_NEXT.value(room))
    _INSERT.run(room, seq, name, ref, at)
    return seq


def position(room: str) -> int:
    """The room's latest sequence number; 0 before its first message.

    A page that shows a room's state reads this first and the state after it: then state and later messages
    together miss nothing.
    """
    return int(_POSITION.value(room) or 0)


def between(room: str, after: int, upto: int) -> tuple[Push, ...] | None:
    """The messages after one position up to another, or None when some of them are no longer kept."""
    if upto - after > KEPT:
        return None
    pushes = tuple(Push(room, *row) for row in _BETWEEN.tuples(room, after, upto))
    return pushes if len(pushes) == upto - after else None


def replay(room: str, since: int | None) -> Replay:
    """The room's position and what came after ``since``; None asks for the position only."""
    seq = position(room)
    if since is None or since == seq:
        return Replay(seq)
    return Replay(seq, None if since > seq else between(room, since, seq))


def positions(rooms: Sequence[str]) -> Iterator[tuple[str, int]]:
    """(room, latest sequence number) of those rooms that ever had a message."""
    for start in range(0, len(rooms), _CHUNK):
        chunk = rooms[start : start + _CHUNK]
        yield from _positions_of(len(chunk)).tuples(*chunk)


@lru_cache(maxsize=_CHUNK)
def _positions_of(count: int) -> Prepared:
    return Prepared(f"SELECT room, seq FROM channel WHERE room IN ({', '.join('?' * count)})")


def prune(now: int | None = None) -> int:
    """Delete what is beyond the last 500 messages of a room or older than a week. Returns how many."""
    with transaction():
        return _DROP_OLD.run((clock.now() if now is None else now) - KEPT_FOR) + _DROP_SURPLUS.run()


def append_all(pushes: Iterable[tuple[str, str, str]], at: int) -> list[str]:
    """Append (room, name, ref) in the rooms' order, so that two writers cannot wait for each other in a circle."""
    rooms = []
    for room, name, ref in sorted(pushes):
        append(room, name, ref, at)
        rooms.append(room)
    return rooms
