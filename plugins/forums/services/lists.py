"""Lists of topics: one query each, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecrm_server.api import Actor, Prepared, clock

from . import reading
from .permissions import Access
from .tree import Node

PAGE = 50
PERIODS = {"week": 7 * clock.DAY, "month": 30 * clock.DAY, "year": 365 * clock.DAY, "all": 0}

_SELECT = (
    "SELECT t.id, t.uid, t.slug, t.title, t.category_id, t.reply_count, t.view_count, t.score, t.accepted_post_id,"
    " t.tags, t.pinned, t.closed, t.closed_at, t.created_at, t.bumped_at, t.last_number, t.version,"
    " a.uid AS author_uid, COALESCE(a.name, t.author_name) AS author, a.avatar,"
    " COALESCE(l.name, t.last_author_name) AS last_author, l.uid AS last_author_uid, l.avatar AS last_avatar,"
    " r.last_read, (SELECT read_before FROM forums_reader WHERE account_id = ?) AS read_before"
    " FROM forums_topic t LEFT JOIN profile a ON a.id = t.author_id LEFT JOIN profile l ON l.id = t.last_author_id"
    " LEFT JOIN forums_read_state r ON r.topic_id = t.id AND r.account_id = ? WHERE t.listed"
)
_NOT_MUTED = (
    " AND NOT EXISTS (SELECT 1 FROM forums_watch w WHERE w.account_id = ? AND w.level = 'mute'"
    " AND ((w.kind = 'topic' AND w.target_id = t.id) OR (w.kind = 'category' AND w.target_id = t.category_id)))"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. rows: one dict a topic. ``next``: the key that the following page begins after, or None."""

    rows: list[dict[str, Any]]
    next: list[Any] | None = None


Key = list[Any] | None


def latest(actor: Actor, access: Access, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics by their last movement, newest first. Key: bumped_at, id."""
    return _list(actor, access, "", [], ("bumped_at", "id"), after, limit)


def newest(actor: Actor, access: Access, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics by when they were opened, newest first. Key: created_at, id."""
    return _list(actor, access, "", [], ("created_at", "id"), after, limit)


def newest_in(actor: Actor, access: Access, node: Node, limit: int = PAGE) -> list[dict[str, Any]]:
    """The newest topics of one category."""
    return _list(actor, access, " AND t.category_id = ?", [node.id], ("created_at", "id"), None, limit).rows


def top(actor: Actor, access: Access, period: str, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics by score; period: a key of PERIODS, for topics opened since. Key: score, id."""
    length = PERIODS.get(period, 0)
    where, params = (" AND t.created_at >= ?", [clock.now() - length]) if length else ("", [])
    return _list(actor, access, where, params, ("score", "id"), after, limit)


def of_category(actor: Actor, access: Access, node: Node, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics of one category, pinned ones first. Key: pinned, bumped_at, id."""
    key = ("pinned", "bumped_at", "id")
    found = _list(actor, access, " AND t.category_id = ?", [node.id], key, after, limit)
    if found.next is not None:
        found.next[0] = bool(found.next[0])
    return found


def of_tag(actor: Actor, access: Access, tag_id: int, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics with a tag. Key: bumped_at, id."""
    where = " AND t.id IN (SELECT topic_id FROM forums_topic_tag WHERE tag_id = ?)"
    return _list(actor, access, where, [tag_id], ("bumped_at", "id"), after, limit)


def unread(actor: Actor, access: Access, after: Key = None, limit: int = PAGE) -> Listing:
    """Topics with posts the actor has not seen, without muted ones. Key: bumped_at, id."""
    where = " AND t.bumped_at > ? AND t.last_number > COALESCE(r.last_read, 0)" + _NOT_MUTED
    params = [reading.read_before(actor), actor.account_id]
    return _list(actor, access, where, params, ("bumped_at", "id"), after, limit)


def one(actor: Actor, topic_id: int) -> dict[str, Any]:
    """A single topic in the form of a list's rows, after the caller made sure that the actor may read it."""
    account = actor.account_id or 0
    rows = Prepared(_SELECT.replace("WHERE t.listed", "WHERE t.id = ?")).rows(account, account, topic_id)
    _mark_unread(actor, rows)
    return rows[0]


def _list(
    actor: Actor, access: Access, where: str, params: list[Any], key: tuple[str, ...], after: Key, limit: int
) -> Listing:
    if not access.visible:
        return Listing([])
    values: list[Any] = [actor.account_id or 0, actor.account_id or 0, *params]
    if not access.sees_all:
        values += access.visible
    if after is not None:
        values += after
    in_categories = 0 if access.sees_all else len(access.visible)
    rows = _statement(where, key, in_categories, after is not None).rows(*values, limit + 1)
    _mark_unread(actor, rows)
    following = [rows[limit - 1][name] for name in key] if len(rows) > limit else None
    return Listing(rows[:limit], following)


@lru_cache(maxsize=256)
def _statement(where: str, key: tuple[str, ...], in_categories: int, continued: bool) -> Prepared:
    sql = _SELECT + where
    if in_categories:
        sql += f" AND t.category_id IN ({', '.join('?' * in_categories)})"
    columns = ", ".join(f"t.{name}" for name in key)
    if continued:
        sql += f" AND ({columns}) < ({', '.join('?' * len(key))})"
    order = ", ".join(f"t.{name} DESC" for name in key)
    return Prepared(f"{sql} ORDER BY {order} LIMIT ?")


def _mark_unread(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """``unread``: how many posts the actor has not seen; 0 for visitors, and for what counts as read."""
    for row in rows:
        row["unread"] = 0
        since = row["read_before"] or actor.created_at
        if actor.account_id is not None and row["bumped_at"] > since:
            row["unread"] = row["last_number"] - (row["last_read"] or 0)
