"""Deleting, hiding and bringing back: flags on the row, and every counter that follows from them."""

from __future__ import annotations

from ecrm_server.api import Actor, Prepared, clock, emit, transaction

from .. import events
from . import counters, indexing, refs, state
from .refs import PostRef, TopicRef
from .tree import node_of

# The conditions on what was read before make a second, parallel call change nothing, so that nothing counts twice.
_TOPIC = Prepared(
    "UPDATE forums_topic SET held = ?, deleted_at = ?, deleted_by_id = ?, listed = ?, version = version + 1"
    " WHERE id = ? AND held = ? AND (deleted_at IS NOT NULL) = ?"
)
_POST = Prepared(
    "UPDATE forums_post SET held = ?, deleted_at = ?, deleted_by_id = ?, version = version + 1"
    " WHERE id = ? AND held = ? AND (deleted_at IS NOT NULL) = ?"
)
_REPLIES = Prepared("UPDATE forums_topic SET reply_count = reply_count + ?, version = version + 1 WHERE id = ?")
_UNACCEPT = Prepared("UPDATE forums_post SET accepted = ? WHERE id = ?")
_NOTHING_ACCEPTED = Prepared(
    "UPDATE forums_topic SET accepted_post_id = NULL WHERE id = ? AND accepted_post_id = ?"
)


def delete_topic(topic: TopicRef, actor: Actor) -> None:
    """Mark a topic deleted."""
    _set_topic(topic, actor, topic.held, clock.now())


def restore_topic(topic: TopicRef, actor: Actor) -> None:
    """Take the mark away."""
    _set_topic(topic, actor, topic.held, None)


def hold_topic(topic: TopicRef, actor: Actor, held: bool, *, silently: bool = False) -> bool:
    """Hide a topic (a moderator's decision), or show it. Returns whether anything changed.

    ``silently`` emits nothing: the caller has something better to say.
    """
    return _set_topic(topic, actor, held, topic.deleted_at, silently=silently)


def _set_topic(
    topic: TopicRef, actor: Actor, held: bool, deleted_at: int | None, *, silently: bool = False
) -> bool:
    listed = not held and deleted_at is None
    deleted_by = actor.profile_id if deleted_at is not None else None
    with transaction():
        before = (topic.held, topic.deleted_at is not None)
        if (held, deleted_at is not None) == before:
            return False
        topic = refs.locked(topic)
        if not _TOPIC.run(held, deleted_at, deleted_by, listed, topic.id, *before):
            return False
        if listed != topic.listed:
            _count_topic(topic, 1 if listed else -1)
            if not silently:
                _tell_topic(topic, actor, listed)
        indexing.topic_changed(topic.id, listed=listed)
        state.lists_changed()
    return True


def _count_topic(topic: TopicRef, step: int) -> None:
    counters.shift(topic.category_id, step, step * (topic.reply_count + 1))
    counters.shift_tags(topic.id, step)


def _tell_topic(topic: TopicRef, actor: Actor, listed: bool) -> None:
    category = node_of(topic.category_id).uid
    told = events.TopicRestored if listed else events.TopicDeleted
    emit(told(topic=topic.uid, category=category), actor_id=actor.account_id)


def delete_post(post: PostRef, actor: Actor) -> None:
    """Mark a reply or comment deleted."""
    _set_post(post, actor, post.held, clock.now())


def restore_post(post: PostRef, actor: Actor) -> None:
    """Take the mark away."""
    _set_post(post, actor, post.held, None)


def hold_post(post: PostRef, actor: Actor, held: bool, *, silently: bool = False) -> bool:
    """Hide a reply or comment (a moderator's decision), or show it. Returns whether anything changed.

    ``silently`` emits nothing: the caller has something better to say.
    """
    return _set_post(post, actor, held, post.deleted_at, silently=silently)


def _set_post(
    post: PostRef, actor: Actor, held: bool, deleted_at: int | None, *, silently: bool = False
) -> bool:
    before = (post.held, post.deleted_at is not None)
    shown, was_shown = not held and deleted_at is None, before == (False, False)
    deleted_by = actor.profile_id if deleted_at is not None else None
    with transaction():
        if (held, deleted_at is not None) == before:
            return False
        topic = refs.locked(post.topic)
        if not _POST.run(held, deleted_at, deleted_by, post.id, *before):
            return False
        if shown != was_shown:
            _count(topic, post, 1 if shown else -1)
            if not silently:
                _tell(topic, post, actor, shown)
        indexing.put_post(post.id)
        state.lists_changed()
    return True


def _count(topic: TopicRef, post: PostRef, step: int) -> None:
    _REPLIES.run(step, topic.id)
    counters.refresh_last_post(topic.id)
    if topic.listed:
        counters.shift(topic.category_id, 0, step)
    if topic.accepted_post_id == post.id and step < 0:
        _UNACCEPT.run(False, post.id)
        _NOTHING_ACCEPTED.run(topic.id, post.id)


def _tell(topic: TopicRef, post: PostRef, actor: Actor, shown: bool) -> None:
    category = node_of(topic.category_id).uid
    told = events.PostRestored if shown else events.PostDeleted
    emit(told(topic=topic.uid, category=category, post=post.uid), actor_id=actor.account_id)
