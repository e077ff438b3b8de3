"""What was sent under a key: a browser that did not hear the answer sends again, and nothing is written twice."""

from __future__ import annotations

from ecrm_server.api import Actor, Prepared, clock, transaction

KEPT = 7 * clock.DAY
MAX_KEY = 40

_CLAIM = Prepared(
    "INSERT INTO forums_sent (account_id, key, made, at) VALUES (?, ?, '', ?) ON CONFLICT (account_id, key) DO NOTHING"
)
_FIND = Prepared("SELECT made FROM forums_sent WHERE account_id = ? AND key = ?")
_MADE = Prepared("UPDATE forums_sent SET made = ? WHERE account_id = ? AND key = ?")
_FORGET = Prepared("DELETE FROM forums_sent WHERE at < ?")


def made_before(actor: Actor, key: str) -> str | None:
    """Public id of what the key made, or None when it made nothing yet. An empty key never made anything."""
    return (_FIND.value(actor.account_id, key) or None) if key and actor.account_id is not None else None


def claim(actor: Actor, key: str) -> str | None:
    """Take a key in the caller's transaction, which must call :func:`made` before it ends.

    Another request with the same key waits for that end. Gives what it made, or None when the key is the caller's.
    """
    if not key or actor.account_id is None or _CLAIM.run(actor.account_id, key, clock.now()):
        return None
    return made_before(actor, key)


def made(actor: Actor, key: str, uid: str) -> None:
    """Remember what the key made."""
    if key and actor.account_id is not None:
        _MADE.run(uid, actor.account_id, key)


def forget_old() -> int:
    """Delete keys older than a week. Returns how many."""
    with transaction():
        return _FORGET.run(clock.now() - KEPT)
