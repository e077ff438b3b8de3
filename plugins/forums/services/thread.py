"""A page of a topic: the topic, its posts without their texts, and the texts of those that must be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecrm_server.api import Actor, NotFound, Prepared, clock

from .permissions import MODERATE, Access, is_own

PAGE = 20
LIVE_LIMIT = 100
_SIZES = (1, 5, 20, 60, 200, 600)

_TOPIC = Prepared(
    "SELECT t.id, t.uid, t.slug, t.title, t.category_id, t.author_id, t.first_post_id, t.accepted_post_id,"
    " t.reply_count, t.view_count, t.last_number, t.last_position, t.link_count, t.tags, t.pinned, t.closed,"
    " t.closed_at, t.held, t.deleted_at, t.deleted_by_id, t.listed, t.created_at, t.bumped_at, t.last_post_at,"
    " t.version, r.last_read, w.level AS watch, COALESCE(a.name, t.author_name) AS author, f.excerpt"
    " FROM forums_topic t LEFT JOIN profile a ON a.id = t.author_id LEFT JOIN forums_post f ON f.id = t.first_post_id"
    " LEFT JOIN forums_read_state r ON r.topic_id = t.id AND r.account_id = ?"
    " LEFT JOIN forums_watch w ON w.kind = 'topic' AND w.target_id = t.id AND w.account_id = ? WHERE t.uid = ?"
)
_ROWS = (
    "SELECT p.id, p.uid, p.parent_id, p.number, p.position, p.version, p.author_id, p.held, p.deleted_at,"
    " p.deleted_by_id, p.created_at, p.accepted, COALESCE(a.name, p.author_name) AS author, a.uid AS author_uid,"
    " a.handle, a.avatar, v.value AS mine FROM forums_post p LEFT JOIN profile a ON a.id = p.author_id"
    " LEFT JOIN forums_post_vote v ON v.post_id = p.id AND v.profile_id = ?"
)
_PAGE = Prepared(f"{_ROWS} WHERE p.topic_id = ? AND p.position BETWEEN ? AND ? ORDER BY p.position, p.number")
_AFTER = Prepared(f"{_ROWS} WHERE p.topic_id = ? AND p.number > ? ORDER BY p.number LIMIT {LIVE_LIMIT}")
_ONE = Prepared(f"{_ROWS} WHERE p.id = ?")
_COMMENTS = Prepared(f"{_ROWS} WHERE p.parent_id = ?")
_TEXTS = (
    "SELECT p.id, p.score, p.edit_count, p.edited_at, p.source_name, p.source_url, p.author_url, p.licence, p.html,"
    " u.uid AS parent_uid FROM forums_post p LEFT JOIN forums_post u ON u.id = p.parent_id WHERE p.id IN "
)
_SHOWN = " AND deleted_at IS NULL AND NOT held"
_FIRST_AFTER = Prepared(
    f"SELECT position, uid FROM forums_post WHERE topic_id = ? AND number > ?{_SHOWN} ORDER BY number LIMIT 1"
)
_LAST = Prepared(f"SELECT position, uid FROM forums_post WHERE topic_id = ?{_SHOWN} ORDER BY number DESC LIMIT 1")
_FROM_DATE = Prepared(
    f"SELECT position, uid FROM forums_post WHERE topic_id = ? AND created_at >= ?{_SHOWN} ORDER BY number LIMIT 1"
)
_AT_POSITION = Prepared(
    f"SELECT position, uid FROM forums_post WHERE topic_id = ? AND position >= ?{_SHOWN}"
    " ORDER BY position, number LIMIT 1"
)
_ACCEPTED = Prepared(f"SELECT position, uid FROM forums_post WHERE id = ?{_SHOWN}")
_LINKS = Prepared(
    "SELECT l.kind, o.uid, o.slug, o.title, o.category_id, o.accepted_post_id, o.reply_count,"
    " CASE WHEN l.topic_id = ? THEN 1 ELSE 0 END AS outgoing FROM forums_topic_link l"
    " JOIN forums_topic o ON o.id = CASE WHEN l.topic_id = ? THEN l.target_id ELSE l.topic_id END"
    " WHERE (l.topic_id = ? OR l.target_id = ?) AND o.listed ORDER BY l.kind, o.title LIMIT 40"
)
VERSION = Prepared(
    "SELECT t.id, t.version, t.bumped_at, s.category_version FROM forums_topic t, forums_state s"
    " WHERE t.uid = ? AND s.id = 1"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a topic.

    topic: its row, with the reader's ``last_read`` and ``watch``. posts: rows in the order shown, comments after their
    post. seen: the number up to which the topic counts as read for who has seen this page.
    """

    topic: dict[str, Any]
    posts: list[dict[str, Any]]
    number: int
    count: int
    seen: int


def topic(actor: Actor, access: Access, uid: str) -> dict[str, Any]:
    """A topic for reading. Raises NotFound when the actor may not see it."""
    account = actor.account_id or 0
    row = _TOPIC.row(account, account, uid)
    if row is None or not access.sees(row["category_id"]):
        raise NotFound()
    if not (row["listed"] or is_own(actor, row["author_id"]) or actor.may(MODERATE)):
        raise NotFound()
    return row


def page(actor: Actor, found: dict[str, Any], number: int) -> Page:
    """The posts of a page (1 is the first). Raises NotFound beyond the last one."""
    count = pages_of(found["last_position"])
    if not 1 <= number <= count:
        raise NotFound()
    first, last = (number - 1) * PAGE + 1, number * PAGE
    # One more position than the page shows tells where the next page begins.
    rows = _PAGE.rows(actor.profile_id or 0, found["id"], first, last + 1)
    beyond = next((row["number"] for row in rows if row["position"] > last), None)
    seen = found["last_number"] if beyond is None else beyond - 1
    shown = _visible(actor, [row for row in rows if row["position"] <= last])
    return Page(found, shown, number, count, seen)


def pages_of(last_position: int) -> int:
    """How many pages a topic has."""
    return max(1, -(-last_position // PAGE))


def page_of(position: int) -> int:
    """The page that shows a position."""
    return (position - 1) // PAGE + 1


def after(actor: Actor, topic_id: int, number: int) -> list[dict[str, Any]]:
    """The posts and comments that came after a number, at most LIVE_LIMIT."""
    return _visible(actor, _AFTER.rows(actor.profile_id or 0, topic_id, number))


def one(actor: Actor, post_id: int) -> dict[str, Any]:
    """One post as pages have it. Raises NotFound when the actor does not see it."""
    rows = _ONE.rows(actor.profile_id or 0, post_id)
    if rows and rows[0]["held"]:
        rows += _COMMENTS.rows(actor.profile_id or 0, post_id)
    found = next((row for row in _visible(actor, rows) if row["id"] == post_id), None)
    if found is None:
        raise NotFound()
    return found


def _visible(actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what others may not see: held posts, deleted comments.

    A deleted post keeps its place, and so does a held one with comments: they would hang in the air without it.
    """
    if actor.may(MODERATE):
        return rows
    seen = {
        row["id"]: row["parent_id"]
        for row in rows
        if not (row["held"] or (row["deleted_at"] is not None and row["parent_id"] is not None))
        or is_own(actor, row["author_id"])
    }
    commented = set(seen.values())
    return [row for row in rows if row["id"] in seen or row["id"] in commented]


def texts(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Score, edits, source and cooked HTML of posts by database key: one query for up to 600."""
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), _SIZES[-1]):
        chunk = ids[start : start + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(chunk))
        padded = chunk + [chunk[0]] * (size - len(chunk))
        found.update((row["id"], row) for row in _texts(size).rows(*padded))
    return found


@lru_cache(maxsize=len(_SIZES))
def _texts(size: int) -> Prepared:
    return Prepared(f"{_TEXTS}({', '.join('?' * size)})")


def links(access: Access, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Topics that this one points to or that point to it, as far as the actor sees them."""
    if not found["link_count"]:
        return []
    topic_id = found["id"]
    return [row for row in _LINKS.rows(*[topic_id] * 4) if access.sees(row["category_id"])]


Place = tuple[int, str]
"""Position and uid of a post to jump to."""


def first_unread(found: dict[str, Any]) -> Place | None:
    """The first post the reader has not seen, else the last one."""
    return _place(_FIRST_AFTER.tuples(found["id"], found["last_read"] or 0)) or last_post(found)


def last_post(found: dict[str, Any]) -> Place | None:
    """The newest post."""
    return _place(_LAST.tuples(found["id"]))


def answer(found: dict[str, Any]) -> Place | None:
    """The accepted answer, if there is one."""
    return _place(_ACCEPTED.tuples(found["accepted_post_id"]))


def at_date(found: dict[str, Any], day: str) -> Place | None:
    """The first post of a day (``YYYY-MM-DD``) or after it, else the last one. Raises ValueError for no day."""
    return _place(_FROM_DATE.tuples(found["id"], clock.parse_iso(day))) or last_post(found)


def at_position(found: dict[str, Any], position: int) -> Place | None:
    """The post at a position, or the next one there is, else the last one."""
    return _place(_AT_POSITION.tuples(found["id"], position)) or last_post(found)


def _place(rows: Iterable[tuple[Any, ...]]) -> Place | None:
    return next(((row[0], row[1]) for row in rows), None)
