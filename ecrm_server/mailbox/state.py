"""The row of the mailbox: how far it was read, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction

WAITS = (clock.MINUTE, 5 * clock.MINUTE, 15 * clock.MINUTE)
"""Until the mailbox is tried again: a wrong password given each minute would lock the login."""
COUNTED = ("answers", "bounces", "others", "unreadable")

_ROW = Prepared(
    "SELECT name, validity, last_uid, looked_at, next_at, failures, error, answers, bounces, others, unreadable"
    " FROM mailbox WHERE name = ?"
)
_NEW = Prepared(
    "INSERT INTO mailbox (name, validity, last_uid, next_at, failures, error, stumbles, answers, bounces, others,"
    " unreadable) VALUES (?, 0, 0, 0, 0, '', 0, 0, 0, 0, 0) ON CONFLICT (name) DO NOTHING"
)
_FORGET_OTHERS = Prepared("DELETE FROM mailbox WHERE name <> ?")
_BEGIN = Prepared("UPDATE mailbox SET validity = ?, last_uid = ?, stumbles = 0 WHERE name = ?")
_ADVANCE = Prepared(
    "UPDATE mailbox SET last_uid = ?, stumbles = 0, others = others + ? WHERE name = ? AND validity = ?"
    " AND last_uid < ?"
)
_COUNT = {
    column: Prepared(f"UPDATE mailbox SET {column} = {column} + 1 WHERE name = ?") for column in COUNTED
}
_STUMBLE = Prepared("UPDATE mailbox SET stumbles = stumbles + 1 WHERE name = ? RETURNING stumbles")
_LOOKED = Prepared("UPDATE mailbox SET looked_at = ?, next_at = 0, failures = 0, error = '' WHERE name = ?")
_FAILED = Prepared("UPDATE mailbox SET failures = failures + 1, error = ?, next_at = ? WHERE name = ?")
_SOON = Prepared("UPDATE mailbox SET next_at = 0 WHERE name = ?")
_TAKE = Prepared("INSERT INTO mailbox_taken (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING")


def get(name: str) -> dict[str, Any] | None:
    """The row of a mailbox; None while it was never tried."""
    return _ROW.row(name)


def made(name: str) -> dict[str, Any]:
    """The row of a mailbox, made when there is none; that of another one goes."""
    with transaction():
        if _NEW.run(name):
            _FORGET_OTHERS.run(name)
    row = _ROW.row(name)
    assert row is not None
    return row


def begin(name: str, validity: int, last_uid: int) -> None:
    """Read on after a UID, under a numbering of the server's."""
    _BEGIN.run(validity, last_uid, name)


def advance(name: str, validity: int, uid: int, others: int = 0) -> bool:
    """Go on to a UID, ``others`` messages on the way being no answers. False when another worker was there already;
    until the transaction ends no other one gets there."""
    return bool(_ADVANCE.run(uid, others, name, validity, uid))


def count(name: str, column: str) -> None:
    """Count one message more as one of ``COUNTED``."""
    _COUNT[column].run(name)


def stumble(name: str) -> int:
    """Remember that the next message could not be stored. Returns how often that happened."""
    return int(_STUMBLE.value(name))


def take(key: str) -> bool:
    """Mark a message as stored, in the caller's transaction. False when it was before."""
    return bool(_TAKE.run(key, clock.now()))


def looked(name: str) -> None:
    """The mailbox was read to its end."""
    _LOOKED.run(clock.now(), name)


def failed(name: str, failures: int, error: str) -> None:
    """The mailbox cannot be read; ``failures``: how many times before, in a row."""
    _FAILED.run(error, clock.now() + WAITS[min(failures, len(WAITS) - 1)], name)


def try_soon(name: str) -> None:
    """Let the next job try again, however often it failed."""
    _SOON.run(name)
