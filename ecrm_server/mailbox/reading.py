"""The job that reads the mailbox: answers go to the page of the customer, everything else stays where it is."""

from __future__ import annotations

import logging
from email.utils import parseaddr
from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.customers import answers
from ecrm_server.data import is_away, transaction
from ecrm_server.kernel import current
from ecrm_server.mailbox import letter, state
from ecrm_server.mailbox.imap import Connection, MailboxFailed, Message
from ecrm_server.mailbox.letter import Letter
from ecrm_server.mailbox.place import place
from ecrm_server.notices import outbox

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

log = logging.getLogger(__name__)

READ = "mailbox.read"
BACK = 30 * clock.DAY
"""How far a mailbox is read that was never read, or is numbered anew."""
CHUNK = 100
TRIES = 3
"""How often a message that cannot be stored is tried before it is passed over."""


def read(run: Run) -> None:
    """The job ``mailbox.read``: take the answers among the new messages."""
    where = place(current.generation().config)
    if where is None:
        return
    row = state.made(where.name)
    if row["next_at"] > clock.now():
        return
    try:
        with Connection(where) as connection:
            _Reader(run, connection, where.name).read(row["validity"], row["last_uid"])
    except MailboxFailed as error:
        log.warning("the mailbox cannot be read: %s", error.message)
        state.failed(where.name, row["failures"], error.message)
    else:
        state.looked(where.name)


class _Reader:
    """One reading of the mailbox, over one connection."""

    def __init__(self, run: Run, connection: Connection, name: str) -> None:
        self._run, self._connection, self._name = run, connection, name
        self._own = parseaddr(current.generation().config.mail_from)[1]
        self._validity = 0

    def read(self, validity: int, last_uid: int) -> None:
        folder = self._connection.examine()
        self._validity = folder.validity
        if folder.validity == validity:
            uids = self._connection.after(last_uid)
        else:
            uids = self._connection.since(clock.now() - BACK)
            state.begin(self._name, folder.validity, min(uids, default=max(folder.following, 1)) - 1)
        for start in range(0, len(uids), CHUNK):
            self._chunk(uids[start : start + CHUNK])

    def _chunk(self, uids: list[int]) -> None:
        found = self._connection.headers(uids)
        others = 0
        for uid in uids:
            self._run.check()
            if not self._is_promising(found.get(uid, b"")):
                others += 1
                continue
            if others:
                state.advance(self._name, self._validity, uid - 1, others)
                others = 0
            self._one(uid)
        state.advance(self._name, self._validity, uids[-1], others)

    def _is_promising(self, raw: bytes) -> bool:
        try:
            return letter.is_promising(raw, self._own)
        except Exception:  # whatever a stranger's headers do to the parser, the next message is read
            log.exception("the headers of a message cannot be read")
            return False

    def _one(self, uid: int) -> None:
        arrived = self._connection.message(uid)
        found = self._letter(arrived) if arrived is not None else None
        try:
            with transaction():
                if state.advance(self._name, self._validity, uid):
                    state.count(self._name, _stored(found) if found else "unreadable")
        except Exception as error:
            # What cannot be stored is tried again and seen among the jobs; it does not stop the others for ever.
            if is_away(error) or state.stumble(self._name) < TRIES:
                raise
            log.exception("a message was passed over")
            with transaction():
                state.advance(self._name, self._validity, uid)
                state.count(self._name, "unreadable")

    def _letter(self, arrived: Message) -> Letter | None:
        try:
            return letter.read(arrived)
        except Exception:  # broken MIME, in whichever way
            log.exception("a message cannot be read")
            return None


def _stored(found: Letter) -> str:
    """Store a letter where it belongs, in the caller's transaction. Returns what it counts as."""
    if not found.quotes:
        return "others"
    came_back = found.nature == "bounce" and outbox.came_back(found.quotes[0], found.reason)
    counted = "bounces" if found.nature == "bounce" else "answers"
    answered = answers.answered(found.quotes)
    if answered is None:
        return counted if came_back else "others"
    if not state.take(found.key):
        return "others"
    answers.take(answered, found)
    return counted
