"""What processes tell each other: revoked sessions and changed rights, as messages of one room nobody can join."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server import clock
from ecrm_server.data import transaction
from ecrm_server.realtime import hub, store

SESSION = "session"
"""A session was revoked; the message's ref is the hash of its key."""
RIGHTS = "rights"
"""What people may see changed."""


def revoke(keys: Iterable[str]) -> None:
    """Cut the sockets of these sessions (hashes of their keys) in every process."""
    _tell([(SESSION, key) for key in keys])


def ask_again() -> None:
    """Ask the authorisation of every joined room again, in every process."""
    _tell([(RIGHTS, "*")])


def _tell(messages: list[tuple[str, str]]) -> None:
    if not messages:
        return
    with transaction():
        for name, ref in messages:
            store.append(hub.CONTROL_ROOM, name, ref, clock.now())
        hub.wake_after_commit([hub.CONTROL_ROOM])
