"""Sending what waits in the outbox: at least once, again after what passes, never again after a final refusal."""

from __future__ import annotations

import logging
import smtplib
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.errors import ConfigError
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel import current
from ecrm_server.notices.mail import DELIVER, host
from ecrm_server.notices.message import build
from ecrm_server.notices.smtp import Connection

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

log = logging.getLogger(__name__)

BACKOFF = tuple(minutes * clock.MINUTE for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""Waits after each passing refusal; after the last one the mail has failed (some two days)."""
LEASE = 5 * clock.MINUTE
"""How long a mail belongs to the worker that took it; a killed worker's mail is sent by another one then."""
AWAY = clock.MINUTE
"""How long to wait when the mail server cannot be reached at all."""

_DUE = Prepared("SELECT * FROM mail WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1")
_TAKE = Prepared(
    "UPDATE mail SET attempts = attempts + 1, next_at = ? WHERE id = ? AND state = 'waiting' AND next_at = ?"
)
_HOLD = Prepared("UPDATE mail SET state = 'held' WHERE state = 'waiting'")
_SENT = Prepared("UPDATE mail SET state = 'sent', sent_at = ?, error = '' WHERE id = ?")
_FAILED = Prepared("UPDATE mail SET state = 'failed', error = ? WHERE id = ?")
_LATER = Prepared("UPDATE mail SET next_at = ?, error = ? WHERE id = ?")
_NEXT = Prepared("SELECT MIN(next_at) FROM mail WHERE state = 'waiting'")
_AWAY = Prepared("UPDATE mail SET error = ?, next_at = ? WHERE state = 'waiting' AND next_at <= ?")


def deliver(run: Run) -> None:
    """The job ``notices.deliver``: send every mail that is due, over one connection."""
    config = current.generation().config
    if not config.smtp_url:
        _HOLD.run()
        return
    if _DUE.row(clock.now()) is None:
        _again()
        return
    try:
        with Connection(config.smtp_url, host(config)) as connection:
            while (row := _DUE.row(clock.now())) is not None:
                run.check()
                if _TAKE.run(clock.now() + LEASE, row["id"], row["next_at"]):
                    _send(connection, row)
    except (OSError, smtplib.SMTPException, ConfigError) as error:
        log.warning("the mail server cannot be used: %s", error)
        now = clock.now()
        _AWAY.run(f"The mail server cannot be used: {error}", now + AWAY, now)
    _again()


def _send(connection: Connection, row: dict[str, Any]) -> None:
    generation = current.generation()
    try:
        connection.send(
            build(row, generation.config, str(generation.settings.get("web.site_name", "eCRM Server")))
        )
    except smtplib.SMTPServerDisconnected as error:
        refused(row, 421, str(error))
        raise
    except smtplib.SMTPException as error:
        refused(row, *reason(error))
    except ValueError as error:  # a message that cannot be built will never be
        refused(row, 500, str(error))
    except OSError as error:
        refused(row, 421, str(error))
        raise
    else:
        _SENT.run(clock.now(), row["id"])


def reason(error: smtplib.SMTPException) -> tuple[int, str]:
    """SMTP code and sentence of a refusal."""
    code: int
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return 500, str(error)
    return int(code), text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def refused(row: dict[str, Any], code: int, sentence: str) -> None:
    """A code from 500 is final; any other means to try again later, until the patience ends."""
    error = f"{code} {sentence}"[:2000]
    if code >= 500 or row["attempts"] >= len(BACKOFF):
        _FAILED.run(error, row["id"])
    else:
        _LATER.run(_later(row["attempts"]), error, row["id"])


def _later(attempts: int) -> int:
    return clock.now() + BACKOFF[min(attempts, len(BACKOFF) - 1)]


def _again() -> None:
    """Come back when the next mail is due."""
    due = _NEXT.value()
    if due is not None:
        jobs.enqueue(DELIVER, unique=True, run_at=int(due))
