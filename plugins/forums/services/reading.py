"""What an account has read."""

from __future__ import annotations

from ecrm_server.api import Actor, Prepared, clock, transaction

_READ = Prepared(
    "INSERT INTO forums_read_state (account_id, topic_id, last_read, seen_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account_id, topic_id) DO UPDATE SET seen_at = excluded.seen_at, last_read ="
    " CASE WHEN excluded.last_read > forums_read_state.last_read THEN excluded.last_read"
    " ELSE forums_read_state.last_read END"
)
_ALL_READ = Prepared(
    "INSERT INTO forums_reader (account_id, read_before) VALUES (?, ?)"
    " ON CONFLICT (account_id) DO UPDATE SET read_before = excluded.read_before"
)
_READ_BEFORE = Prepared("SELECT read_before FROM forums_reader WHERE account_id = ?")


def mark_read(account_id: int, topic_id: int, number: int) -> None:
    """The account has seen the topic up to a number; it never goes back."""
    _READ.run(account_id, topic_id, number, clock.now())


def mark_all_read(actor: Actor) -> None:
    """Everything written so far counts as read."""
    assert actor.account_id is not None
    with transaction():
        _ALL_READ.run(actor.account_id, clock.now())


def read_before(actor: Actor) -> int:
    """Topics without movement since this time count as read: since registration, or since "mark all read"."""
    return int(_READ_BEFORE.value(actor.account_id) or actor.created_at)
