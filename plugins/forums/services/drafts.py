"""Texts somebody has not sent yet, kept per account and place so that they survive a reload."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, clock, transaction

MAX_DRAFTS = 100

_SAVE = Prepared(
    "INSERT INTO forums_draft (account_id, context, title, text, more, updated_at) VALUES (?, ?, ?, ?, '{}', ?)"
    " ON CONFLICT (account_id, context) DO UPDATE SET title = excluded.title, text = excluded.text,"
    " updated_at = excluded.updated_at"
)
_ONE = Prepared("SELECT context, title, text, updated_at FROM forums_draft WHERE account_id = ? AND context = ?")
_ALL = Prepared(
    "SELECT context, title, text, updated_at FROM forums_draft WHERE account_id = ? ORDER BY updated_at DESC"
)
_DROP = Prepared("DELETE FROM forums_draft WHERE account_id = ? AND context = ?")
_DROP_OLDEST = Prepared(
    "DELETE FROM forums_draft WHERE account_id = ? AND context NOT IN"
    f" (SELECT context FROM forums_draft WHERE account_id = ? ORDER BY updated_at DESC LIMIT {MAX_DRAFTS})"
)


def save(actor: Actor, context: str, *, title: str, text: str) -> int:
    """Keep a text; one without words removes the draft. Returns when it was kept (milliseconds), 0 when removed."""
    assert actor.account_id is not None
    with transaction():
        if not text.strip() and not title.strip():
            _DROP.run(actor.account_id, context)
            return 0
        now = clock.now()
        _SAVE.run(actor.account_id, context, title, text, now)
        _DROP_OLDEST.run(actor.account_id, actor.account_id)
        return now


def find(actor: Actor, context: str) -> dict[str, Any] | None:
    """One's draft for a place: context, title, text, updated_at. Nobody who looks as somebody else reads theirs."""
    if actor.account_id is None or actor.only_looks:
        return None
    return _ONE.row(actor.account_id, context)


def mine(actor: Actor) -> list[dict[str, Any]]:
    """All of one's drafts, newest first."""
    return _ALL.rows(actor.account_id)


def drop(actor: Actor, context: str) -> None:
    """Forget a draft: its text was sent."""
    if actor.account_id is not None:
        _DROP.run(actor.account_id, context)
