"""The outbox page: what was or will be sent, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel import current
from ecrm_server.notices.mail import DELIVER, sender

if TYPE_CHECKING:
    from ecrm_server.access.actor import Actor

STATES = ("waiting", "held", "sent", "failed")
NEWEST = 2**62

_COLUMNS = "id, uid, state, kind, recipient, subject, attempts, next_at, error, created_at, sent_at"
_PAGE = Prepared(f"SELECT {_COLUMNS} FROM mail WHERE id < ? ORDER BY id DESC LIMIT ?")
_PAGE_STATE = Prepared(f"SELECT {_COLUMNS} FROM mail WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?")
_ONE = Prepared(f"SELECT {_COLUMNS}, text, html FROM mail WHERE uid = ?")
_OPEN = Prepared(
    "SELECT state, COUNT(*) AS number FROM mail WHERE state IN ('waiting', 'held', 'failed') GROUP BY state"
)
_SEND = Prepared(
    "UPDATE mail SET state = 'waiting', attempts = 0, next_at = ?, error = ''"
    " WHERE uid = ? AND state IN ('held', 'failed', 'waiting')"
)
_CAME_BACK = Prepared("UPDATE mail SET state = 'failed', error = ? WHERE uid = ? AND state = 'sent'")
_SEND_HELD = Prepared("UPDATE mail SET state = 'waiting', attempts = 0, next_at = ? WHERE state = 'held'")


def page(
    *, state: str = "", before: int = NEWEST, limit: int = 50
) -> tuple[list[dict[str, Any]], int | None]:
    """Mails, newest first, and the ``before`` of the next page (None at the end)."""
    rows = _PAGE_STATE.rows(state, before, limit + 1) if state in STATES else _PAGE.rows(before, limit + 1)
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    return rows[:limit], following


def get(uid: str) -> dict[str, Any]:
    """One mail as it would be sent, the sender included. Raises NotFound."""
    row = _ONE.row(uid)
    if row is None:
        raise NotFound()
    generation = current.generation()
    row["sender"] = sender(generation.config, str(generation.settings.get("web.site_name", "eCRM Server")))
    return row


def open_counts() -> dict[str, int]:
    """How many mails wait, are held, and have failed."""
    return {row["state"]: int(row["number"]) for row in _OPEN.rows()}


def can_send() -> bool:
    """Whether a mail server is set."""
    return bool(current.generation().config.smtp_url)


def send(uid: str, actor: Actor) -> None:
    """Send a held or failed mail now. Raises Refusal without a mail server, or when it was sent."""
    _need_server()
    with transaction():
        if not _SEND.run(clock.now(), uid):
            raise Refusal("This mail was sent already.")
        record("notices.mail_resent", actor=actor, obj_kind="mail", obj_uid=uid)
        jobs.enqueue(DELIVER, unique=True)


def send_held(actor: Actor) -> int:
    """Send everything that was held back. Returns how many mails."""
    _need_server()
    with transaction():
        number = _SEND_HELD.run(clock.now())
        record("notices.held_mail_sent", actor=actor, after={"mails": number})
        jobs.enqueue(DELIVER, unique=True)
    return number


def came_back(uid: str, reason: str) -> bool:
    """A mail that was sent did not arrive after all. False when there is no such mail (any more)."""
    return bool(_CAME_BACK.run(f"It came back: {reason or 'no reason is given'}"[:2000], uid))


def _need_server() -> None:
    if not can_send():
        raise Refusal("No mail server is set. Set SMTP_URL first.")
