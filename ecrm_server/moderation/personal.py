"""What the moderation stores about a person: export and erasure."""

from __future__ import annotations

from typing import Any

from ecrm_server.access import Actor
from ecrm_server.customers.timeline import Entry
from ecrm_server.data import Prepared
from ecrm_server.moderation import decisions
from ecrm_server.moderation.screening import REVIEW

_ABOUT = Prepared(
    "SELECT d.at, d.measure, d.url, d.rule, d.automated, d.appeal_state, d.appealable_until, w.name AS decided_by"
    " FROM moderation_decision d JOIN profile p ON p.id = d.author_id"
    " LEFT JOIN profile w ON w.account_id = d.decided_by_id"
    " WHERE p.account_id = ? AND d.at < ? ORDER BY d.at DESC LIMIT ?"
)
_FLAGS = Prepared(
    "SELECT obj_kind, obj_uid, reason, text, state, at FROM flag WHERE reporter_id = ? ORDER BY id"
)
_FORGET_FLAGS = Prepared("UPDATE flag SET reporter_id = NULL, text = '' WHERE reporter_id = ?")
_FORGET_STATEMENTS = Prepared(
    "UPDATE moderation_decision SET statement = '', title = '', appeal_text = '', appeal_answer = ''"
    " WHERE author_id = ?"
)
_CLOSE_APPEALS = Prepared("DELETE FROM review_item WHERE author_id = ? AND why = 'appeal' AND state = 'open'")
_SHOWN = (
    "title",
    "what",
    "rule",
    "statement",
    "automated",
    "until",
    "at",
    "appeal_state",
    "appeal_text",
    "appeal_answer",
)


def timeline(actor: Actor, account_id: int | None, before: int, limit: int) -> list[Entry]:
    """What was decided about a person, for moderators."""
    if account_id is None or not actor.may(REVIEW):
        return []
    return [
        Entry(
            "moderation",
            "decision",
            row["at"],
            row["what"],
            row["url"],
            row["rule"],
            "gavel",
            row["decided_by"] or "",
        )
        for row in map(decisions.shown, _ABOUT.rows(account_id, before, limit))
    ]


def export(account_id: int, profile_id: int) -> dict[str, Any]:
    """The person's flags and the decisions about it."""
    rows, _ = decisions.of_author(profile_id, limit=10_000)
    return {
        "flags": _FLAGS.rows(account_id),
        "decisions": [{name: row[name] for name in _SHOWN} for row in rows],
    }


def erase(account_id: int, profile_id: int) -> None:
    """Forget who flagged what, and the words written to and by the person."""
    _FORGET_FLAGS.run(account_id)
    _FORGET_STATEMENTS.run(profile_id)
    _CLOSE_APPEALS.run(profile_id)
