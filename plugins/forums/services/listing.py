"""Topics and posts in full, for programs."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared

from . import attribution, lists
from .permissions import MODERATE, access_of, visible_topic
from .refs import TopicRef

_POSTS = (
    "SELECT p.id, p.uid, p.number, p.score, p.accepted, p.created_at, p.edited_at, p.deleted_at, p.held, p.source,"
    " p.source_format, p.html, p.source_name, p.source_url, p.author_url, p.licence, a.uid AS author_uid,"
    " COALESCE(a.name, p.author_name) AS author, u.uid AS parent FROM forums_post p"
    " LEFT JOIN profile a ON a.id = p.author_id LEFT JOIN forums_post u ON u.id = p.parent_id"
)
_SHOWN = " AND p.deleted_at IS NULL AND (NOT p.held OR p.author_id = ? OR ?)"
_PAGE = Prepared(f"{_POSTS} WHERE p.topic_id = ? AND p.number > ?{_SHOWN} ORDER BY p.number LIMIT ?")
_ONE = Prepared(f"{_POSTS} WHERE p.uid = ?")


def posts(actor: Actor, topic_uid: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Posts of a topic after a number, and the number to go on after (None at the end). Raises NotFound."""
    topic = visible_topic(actor, topic_uid)
    rows = _PAGE.rows(topic.id, after, actor.profile_id or 0, actor.may(MODERATE), limit + 1)
    following = rows[limit - 1]["number"] if len(rows) > limit else None
    return [_with_source(row) for row in rows[:limit]], following


def post(uid: str) -> dict[str, Any]:
    """One post, after the caller made sure that the actor may read it."""
    return _with_source(_ONE.rows(uid)[0])


def _with_source(row: dict[str, Any]) -> dict[str, Any]:
    found = attribution.of_row(row)
    row["attribution"] = found.data() if found else None
    return row


def topic(actor: Actor, found: TopicRef) -> dict[str, Any]:
    """A topic as lists have it."""
    row = lists.one(actor, found.id)
    return with_category(actor, row)


def with_category(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list with its category's uid and its tags as a list."""
    row["category"] = access_of(actor).node(row["category_id"]).uid
    row["tags"] = row["tags"].split()
    return row
