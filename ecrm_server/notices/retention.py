"""What notices and mail hold about people, and how long."""

from __future__ import annotations

from ecrm_server.data import Prepared
from ecrm_server.privacy.kind import Retention

_MAIL = Prepared(
    "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE state IN ('sent', 'failed') AND created_at < ?"
    " ORDER BY id LIMIT ?)"
)
_NOTICES = Prepared(
    "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE read_at IS NOT NULL AND at < ? ORDER BY id LIMIT ?)"
)

TABLES = [
    Retention(
        table="mail", holds="Mail that was sent", why="Staff see whether a mail went out, and send it again.",
        days=30, sweep=_MAIL.run,
    ),
    Retention(
        table="notice", holds="Notices that were read", why="You find again what you were told.",
        days=180, least=7, sweep=_NOTICES.run,
    ),
    Retention(table="notice_preference", holds="Which notices you want", why="You are told only what you want."),
]  # fmt: skip
