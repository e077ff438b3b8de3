"""What notices and mail keep about a person: its export and erasure."""

from __future__ import annotations

from typing import Any

from ecrm_server.data import Prepared
from ecrm_server.notices import preferences

_NOTICES = Prepared(
    "SELECT kind, title, url, excerpt, number, at, read_at FROM notice WHERE account_id = ? ORDER BY at"
)
_MAIL = Prepared(
    "SELECT kind, recipient, subject, text, state, created_at, sent_at FROM mail WHERE account_id = ? ORDER BY id"
)
_ERASE = (
    Prepared("DELETE FROM notice WHERE account_id = ?"),
    Prepared("DELETE FROM notice_preference WHERE account_id = ?"),
    Prepared("DELETE FROM mail WHERE account_id = ?"),
)
_ERASE_ADDRESS = Prepared(
    "DELETE FROM mail WHERE LOWER(recipient) = (SELECT LOWER(email) FROM account WHERE id = ?)"
)
_FORGET_ACTOR = Prepared("UPDATE notice SET actor_id = NULL WHERE actor_id = ?")


def export(account_id: int) -> dict[str, Any]:
    """A person's notices, mails and preferences."""
    return {
        "notices": _NOTICES.rows(account_id),
        "mails": _MAIL.rows(account_id),
        "preferences": preferences.stored(account_id),
    }


def erase(account_id: int, profile_id: int) -> None:
    """Delete a person's notices, mails and preferences, and take its name from notices to others."""
    _ERASE_ADDRESS.run(account_id)
    for statement in _ERASE:
        statement.run(account_id)
    _FORGET_ACTOR.run(profile_id)
