"""Saying and reading lines."""

from __future__ import annotations

from ecrm_server.api import Event, Prepared, emit, public_id, transaction

_INSERT = Prepared("INSERT INTO talk_line (uid, room, text) VALUES (?, ?, ?)")
_LINES = Prepared("SELECT uid FROM talk_line WHERE room = ?")


class Said(Event, name="talk.said"):
    """Somebody said a line in a room."""

    room: str
    line: str


def say(room: str, text: str) -> str:
    """Say a line; returns its public id."""
    line = public_id()
    with transaction():
        _INSERT.run(line, room, text)
        emit(Said(room=room, line=line))
    return line


def lines(room: str) -> set[str]:
    """The public ids of all lines of a room."""
    return {row[0] for row in _LINES.tuples(room)}
