"""Forgetting what nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.data import Prepared

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

MAIL_DAYS = 30
NOTICE_DAYS = 180
BATCH = 1000

_MAIL = Prepared(
    "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE state IN ('sent', 'failed') AND created_at < ?"
    f" ORDER BY id LIMIT {BATCH})"
)
_NOTICES = Prepared(
    "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE read_at IS NOT NULL AND at < ?"
    f" ORDER BY id LIMIT {BATCH})"
)


def tidy(run: Run) -> None:
    """The job ``notices.tidy``: delete old mail that was sent and old notices that were read."""
    while _MAIL.run(clock.now() - MAIL_DAYS * clock.DAY):
        run.check()
    while _NOTICES.run(clock.now() - NOTICE_DAYS * clock.DAY):
        run.check()
