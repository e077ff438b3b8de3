"""The statements that put a post into its topic, shared by opening, replying, approving and importing."""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server.api import Cooked, NotFound, Prepared, clock, profiles, public_id

from . import cooking

_INSERT_POST = Prepared(
    "INSERT INTO forums_post (uid, topic_id, parent_id, author_id, author_name, number, position, score, up, down,"
    " anonymous_up, anonymous_down, accepted, held, created_at, edit_count, version, source_format, source_name,"
    " source_url, author_url, licence, excerpt, source, html)"
    " VALUES (?, ?, ?, ?, '', ?, ?, 0, 0, 0, 0, 0, ?, ?, ?, 0, 1, 'markdown', '', '', '', '', ?, ?, ?) RETURNING id"
)
_NEXT_NUMBER = Prepared(
    "UPDATE forums_topic SET last_number = last_number + 1, last_position = last_position + ?, version = version + 1"
    " WHERE id = ? RETURNING last_number, last_position"
)
_NEXT_NUMBER_AND_BUMP = Prepared(
    "UPDATE forums_topic SET last_number = last_number + 1, last_position = last_position + ?, version = version + 1,"
    " reply_count = reply_count + 1, last_post_at = ?, bumped_at = ?, last_author_id = ?, last_author_name = ''"
    " WHERE id = ? RETURNING last_number, last_position"
)
_WRITTEN = Prepared("SELECT id, uid, number, position, created_at FROM forums_post WHERE uid = ?")
_MENTION = Prepared("INSERT INTO forums_mention (post_id, profile_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
_FORGET_MENTIONS = Prepared("DELETE FROM forums_mention WHERE post_id = ?")


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post about to be written. ``position`` of a comment is that of its parent, else 0 for the next."""

    topic_id: int
    author_id: int | None
    source: str
    cooked: Cooked
    held: bool
    parent_id: int | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A post that was written."""

    id: int
    uid: str
    number: int
    position: int
    at: int


def append(new: NewPost) -> Written:
    """Give a post the next number of its topic and store it; unless it is held, the topic counts it and moves up."""
    now = clock.now()
    step = 0 if new.parent_id is not None else 1
    if new.held:
        number, last = _NEXT_NUMBER.tuples(step, new.topic_id)[0]
    else:
        number, last = _NEXT_NUMBER_AND_BUMP.tuples(step, now, now, new.author_id, new.topic_id)[0]
    position = new.position if new.parent_id is not None else last
    return insert(new, number, position, now)


def insert(new: NewPost, number: int, position: int, now: int) -> Written:
    """Store a post whose number is known."""
    uid = public_id()
    post_id = _INSERT_POST.value(
        uid, new.topic_id, new.parent_id, new.author_id, number, position, False, new.held, now,
        cooking.short(new.cooked), new.source, new.cooked.html,
    )  # fmt: skip
    remember_mentions(post_id, new.cooked)
    return Written(post_id, uid, number, position, now)


def written(uid: str) -> Written:
    """A post that was written before. Raises NotFound when it is gone."""
    rows = _WRITTEN.tuples(uid)
    if not rows:
        raise NotFound()
    return Written(*rows[0])


def remember_mentions(post_id: int, cooked: Cooked, *, anew: bool = False) -> None:
    """Store who is called by name in a post; with ``anew`` in place of those stored before."""
    if anew:
        _FORGET_MENTIONS.run(post_id)
    if cooked.mentions:
        for profile in profiles.mentioned(cooked.mentions).values():
            _MENTION.run(post_id, profile["id"])
