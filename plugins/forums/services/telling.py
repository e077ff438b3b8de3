"""Notices: who hears of what happened in the forums."""

from __future__ import annotations

from ecrm_server.api import Delivered, NotFound, Prepared, notify

from . import audience, refs, watching
from .refs import PostRef

REPLY, TOPIC, MENTION, ACCEPTED = "forums.reply", "forums.topic", "forums.mention", "forums.accepted"
GROUP = "forums.topic:{}"
"""The group of notices about one topic: reading the topic reads them."""

_EXCERPT = Prepared("SELECT excerpt FROM forums_post WHERE id = ?")
_MENTIONED = Prepared(
    "SELECT p.account_id FROM forums_mention m JOIN profile p ON p.id = m.profile_id"
    " WHERE m.post_id = ? AND p.account_id IS NOT NULL"
)
_SEEN = Prepared("SELECT account_id FROM forums_read_state WHERE topic_id = ? AND last_read >= ?")
_ACCOUNT = Prepared("SELECT account_id FROM profile WHERE id = ?")


def of_post(event: Delivered, kind: str, title: str) -> None:
    """Tell those who are mentioned in a new post, and those who watch where it stands."""
    try:
        post = refs.post(event.post)
    except NotFound:
        return
    if not post.topic.listed or post.held or post.deleted_at is not None:
        return
    author = _account(post.author_id)
    watching_it, muted = watching.watchers(post.topic.id, post.topic.category_id)
    called = {row[0] for row in _MENTIONED.tuples(post.id)}
    seen = {row[0] for row in _SEEN.tuples(post.topic.id, post.number)}
    allowed = audience.readers((watching_it | called) - seen - {author}, post.topic.category_id)
    called &= allowed - muted
    _notify(called, MENTION, f"{_name(post)} mentions you in “{post.topic.title}”", post)
    _notify((watching_it & allowed) - called, kind, title.format(name=_name(post), topic=post.topic.title), post)


def of_acceptance(event: Delivered) -> None:
    """Tell the author of a reply that it became the answer."""
    try:
        post = refs.post(event.post)
    except NotFound:
        return
    account_id = _account(post.author_id)
    if not event.accepted or account_id is None or account_id == event.actor_id:
        return
    allowed = audience.readers({account_id}, post.topic.category_id)
    _notify(allowed, ACCEPTED, f"Your reply is the answer in “{post.topic.title}”", post)


def _notify(account_ids: set[int], kind: str, title: str, post: PostRef) -> None:
    if account_ids:
        notify(
            sorted(account_ids), kind, title=title, url=post.url, excerpt=_EXCERPT.value(post.id),
            actor_profile_id=post.author_id, group_key=GROUP.format(post.topic.uid),
        )  # fmt: skip


def _name(post: PostRef) -> str:
    return post.author_name or "Somebody"


def _account(profile_id: int | None) -> int | None:
    return _ACCOUNT.value(profile_id) if profile_id is not None else None
