"""What the mailbox's page shows, and trying it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecrm_server.errors import Refusal
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel import current
from ecrm_server.mailbox import state
from ecrm_server.mailbox.imap import Connection, MailboxFailed
from ecrm_server.mailbox.place import Place, address, place
from ecrm_server.mailbox.reading import READ


@dataclass(frozen=True, slots=True)
class Status:
    """The mailbox that is set, the address whose mail arrives there, and how reading it goes (None: not begun)."""

    place: Place
    address: str
    row: dict[str, Any] | None


def status() -> Status | None:
    """How it stands with the mailbox; None when none is set."""
    config = current.generation().config
    where = place(config)
    return None if where is None else Status(where, address(config), state.get(where.name))


def test() -> int:
    """Open the mailbox now, and have it read. Returns how many messages lie in the folder.

    Raises Refusal with what is wrong.
    """
    where = place(current.generation().config)
    if where is None:
        raise Refusal("No mailbox is set. Set IMAP_URL first.")
    row = state.made(where.name)
    try:
        with Connection(where) as connection:
            folder = connection.examine()
    except MailboxFailed as error:
        state.failed(where.name, row["failures"], error.message)
        raise Refusal(error.message) from error
    state.try_soon(where.name)
    jobs.enqueue(READ, unique=True)
    return folder.messages
