"""What the forums know about a person: shown on the profile, in the timeline, in the export, and forgotten."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, TimelineEntry, clock

from . import indexing, state
from .permissions import Access, access_of

_SHOWN = " AND t.listed AND NOT p.held AND p.deleted_at IS NULL"
_LATEST = (
    "SELECT p.uid, p.number, p.score, p.excerpt, p.created_at, p.source_name, p.source_url, p.author_url, p.licence,"
    " COALESCE(a.name, p.author_name) AS author, t.title, t.category_id, p.accepted FROM forums_post p"
    " JOIN forums_topic t ON t.id = p.topic_id LEFT JOIN profile a ON a.id = p.author_id"
    f" WHERE p.author_id = ?{_SHOWN} AND p.created_at < ?"
)
_PROFILE = Prepared("SELECT id FROM profile WHERE account_id = ?")
_COUNTS = Prepared(
    "SELECT COUNT(*) AS posts, COALESCE(SUM(CASE WHEN p.number = 1 THEN 1 ELSE 0 END), 0) AS topics,"
    " COALESCE(SUM(CASE WHEN p.accepted THEN 1 ELSE 0 END), 0) AS answers"
    f" FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id WHERE p.author_id = ?{_SHOWN}"
)
_BADGES = Prepared(
    "SELECT b.name, b.grade, COUNT(*) AS times, b.source_name FROM forums_award w"
    " JOIN forums_badge b ON b.id = w.badge_id"
    " WHERE w.profile_id = ? GROUP BY b.name, b.grade, b.source_name ORDER BY times DESC, b.name LIMIT 30"
)
_EXPORT = {
    "topics": Prepared("SELECT uid, title, tags, created_at FROM forums_topic WHERE author_id = ? ORDER BY id"),
    "posts": Prepared(
        "SELECT p.uid, t.title AS topic, p.source AS text, p.source_format AS format, p.created_at, p.edited_at,"
        " p.deleted_at FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id WHERE p.author_id = ? ORDER BY p.id"
    ),
    "edits": Prepared(
        "SELECT p.uid AS post, r.reason, r.at FROM forums_revision r JOIN forums_post p ON p.id = r.post_id"
        " WHERE r.editor_id = ? ORDER BY r.id"
    ),
    "votes": Prepared(
        "SELECT p.uid AS post, v.value, v.at FROM forums_post_vote v JOIN forums_post p ON p.id = v.post_id"
        " WHERE v.profile_id = ? ORDER BY v.at"
    ),
    "mentions": Prepared(
        "SELECT p.uid AS post FROM forums_mention m JOIN forums_post p ON p.id = m.post_id WHERE m.profile_id = ?"
    ),
    "badges": Prepared(
        "SELECT b.name, b.grade, w.at FROM forums_award w JOIN forums_badge b ON b.id = w.badge_id"
        " WHERE w.profile_id = ?"
    ),
}
_EXPORT_ACCOUNT = {
    "reading": Prepared(
        "SELECT t.uid AS topic, r.last_read, r.seen_at FROM forums_read_state r"
        " JOIN forums_topic t ON t.id = r.topic_id WHERE r.account_id = ? ORDER BY r.seen_at"
    ),
    "watching": Prepared("SELECT kind, level, at FROM forums_watch WHERE account_id = ? ORDER BY at"),
    "drafts": Prepared("SELECT context, title, text, updated_at FROM forums_draft WHERE account_id = ?"),
}
_TOUCH = (
    Prepared(
        "UPDATE forums_topic SET version = version + 1 WHERE id IN"
        " (SELECT topic_id FROM forums_post WHERE author_id = ?) OR author_id = ? OR last_author_id = ?"
    ),
    Prepared("UPDATE forums_post SET version = version + 1 WHERE author_id = ?"),
)
_FORGET_PROFILE = (
    "UPDATE forums_topic SET author_id = NULL, author_name = '' WHERE author_id = ?",
    "UPDATE forums_topic SET last_author_id = NULL, last_author_name = '' WHERE last_author_id = ?",
    "UPDATE forums_topic SET deleted_by_id = NULL WHERE deleted_by_id = ?",
    "UPDATE forums_post SET author_id = NULL, author_name = '' WHERE author_id = ?",
    "UPDATE forums_post SET deleted_by_id = NULL WHERE deleted_by_id = ?",
    "UPDATE forums_revision SET editor_id = NULL WHERE editor_id = ?",
    "DELETE FROM forums_mention WHERE profile_id = ?",
    "DELETE FROM forums_award WHERE profile_id = ?",
)
_FORGET_ACCOUNT = ("read_state", "reader", "watch", "draft", "sent")
_UNVOTE = Prepared(
    "UPDATE forums_post SET anonymous_up = anonymous_up + CASE WHEN value = 1 THEN 1 ELSE 0 END,"
    " anonymous_down = anonymous_down + CASE WHEN value = -1 THEN 1 ELSE 0 END,"
    " up = up - CASE WHEN value = 1 THEN 1 ELSE 0 END, down = down - CASE WHEN value = -1 THEN 1 ELSE 0 END"
    " FROM forums_post_vote v WHERE v.post_id = forums_post.id AND v.profile_id = ?"
)
_DROP_VOTES = Prepared("DELETE FROM forums_post_vote WHERE profile_id = ?")
_BY_UID = Prepared("SELECT id, name FROM profile WHERE uid = ?")


def latest_posts(actor: Actor, profile_id: int, limit: int = 5, before: int | None = None) -> list[dict[str, Any]]:
    """What a person wrote last, as far as the actor may read it."""
    access = access_of(actor)
    if not access.visible or not actor.may("forums.read"):
        return []
    where, params = _only_visible(access)
    statement = Prepared(f"{_LATEST}{where} ORDER BY p.id DESC LIMIT ?")
    return statement.rows(profile_id, before or clock.now() + 1, *params, limit)


def _only_visible(access: Access) -> tuple[str, tuple[int, ...]]:
    if access.sees_all:
        return "", ()
    return f" AND t.category_id IN ({', '.join('?' * len(access.visible))})", access.visible


def counts(profile_id: int) -> dict[str, Any]:
    """How many posts, topics and accepted answers of a person readers see."""
    return _COUNTS.rows(profile_id)[0]


def badges(profile_id: int) -> list[dict[str, Any]]:
    """Badges that an import brought."""
    return _BADGES.rows(profile_id)


def timeline(actor: Actor, account_id: int | None, before: int, limit: int) -> list[TimelineEntry]:
    """Posts of a person for the timeline, newest first."""
    profile_id = _PROFILE.value(account_id) if account_id is not None else None
    if profile_id is None:
        return []
    return [_entry(row) for row in latest_posts(actor, profile_id, limit, before)]


def _entry(row: dict[str, Any]) -> TimelineEntry:
    first = row["number"] == 1
    return TimelineEntry(
        part="forums",
        kind="topic" if first else "reply",
        at=row["created_at"],
        title=row["title"],
        url=f"/forums/p/{row['uid']}",
        excerpt=row["excerpt"],
        icon="message-plus" if first else "message",
    )


def export(account_id: int, profile_id: int) -> dict[str, Any]:
    """Everything the forums store about a person."""
    of_profile = {name: statement.rows(profile_id) for name, statement in _EXPORT.items()}
    of_account = {name: statement.rows(account_id) for name, statement in _EXPORT_ACCOUNT.items()}
    return of_profile | of_account


def erase(account_id: int, profile_id: int) -> None:
    """Forget a person: posts stay without a name, votes become anonymous, everything private goes."""
    touch(profile_id)
    indexing.author_renamed(profile_id, "")
    _UNVOTE.run(profile_id)
    _DROP_VOTES.run(profile_id)
    for sql in _FORGET_PROFILE:
        Prepared(sql).run(profile_id)
    for table in _FORGET_ACCOUNT:
        Prepared(f"DELETE FROM forums_{table} WHERE account_id = ?").run(account_id)
    state.lists_changed()


def touch(profile_id: int) -> None:
    """Whatever shows this person looks different now."""
    topics, posts = _TOUCH
    topics.run(profile_id, profile_id, profile_id)
    posts.run(profile_id)


def profile_changed(profile_uid: str) -> None:
    """A person has another name or picture."""
    profile = _BY_UID.row(profile_uid)
    if profile is not None:
        touch(profile["id"])
        indexing.author_renamed(profile["id"], profile["name"])
        state.lists_changed()
