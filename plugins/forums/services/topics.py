"""Opening topics, and what their authors and moderators do with them."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.api import (
    Actor,
    NotFound,
    Prepared,
    Refusal,
    clock,
    emit,
    public_id,
    require,
    slugify,
    transaction,
)

from .. import events
from . import (
    cooking,
    counters,
    files,
    indexing,
    reading,
    refs,
    screening,
    sent,
    state,
    tags,
    visibility,
    watching,
    writing,
)
from .permissions import MODERATE, access_of, require_writing, visible_post, visible_topic
from .refs import PostRef, TopicRef
from .tree import node_of

_INSERT = Prepared(
    "INSERT INTO forums_topic (uid, category_id, title, slug, author_id, author_name, last_post_at, last_author_id,"
    " last_author_name, reply_count, last_number, last_position, view_count, score, link_count, tags, pinned, closed,"
    " held, listed, created_at, bumped_at, version)"
    " VALUES (?, ?, ?, ?, ?, '', ?, ?, '', 0, 1, 1, 0, 0, 0, '', ?, ?, ?, ?, ?, ?, 1) RETURNING id"
)
_FIRST_POST = Prepared("UPDATE forums_topic SET first_post_id = ? WHERE id = ?")
_MOVE = Prepared(
    "UPDATE forums_topic SET category_id = ?, version = version + 1 WHERE id = ? AND category_id = ?"
)
_CLOSE = Prepared(
    "UPDATE forums_topic SET closed = ?, closed_at = ?, version = version + 1 WHERE id = ? AND closed <> ?"
)
_PIN = Prepared("UPDATE forums_topic SET pinned = ?, version = version + 1 WHERE id = ? AND pinned <> ?")
_UNACCEPT = Prepared(
    "UPDATE forums_post SET accepted = ?, version = version + 1 WHERE topic_id = ? AND accepted RETURNING uid"
)
_ACCEPT = Prepared("UPDATE forums_post SET accepted = ?, version = version + 1 WHERE id = ?")
_ACCEPTED = Prepared("UPDATE forums_topic SET accepted_post_id = ?, version = version + 1 WHERE id = ?")
_AUTHOR = Prepared("SELECT uid FROM profile WHERE id = ?")


def open_topic(
    actor: Actor,
    category_uid: str,
    *,
    title: str,
    source: str,
    tag_names: Iterable[str] = (),
    honeypot: str = "",
    key: str = "",
) -> TopicRef:
    """Open a topic with its first post. What a moderator should see first is stored, but held.

    ``key`` is the sender's own: with one that was used before, what it made is given and nothing is written.
    Raises NotFound for a category the actor does not see, Forbidden, Refusal for what is wrong with the texts.
    """
    if (before := sent.made_before(actor, key)) is not None:
        return refs.topic(before)
    access = access_of(actor)
    node = access.find(category_uid)
    require_writing(actor, "forums.open_topic", node)
    line, text = cooking.checked_title(title), cooking.checked_text(source)
    cooked = cooking.cook(text)
    wanted = tags.checked(actor, tag_names)
    why = screening.why_held(actor, cooked, honeypot)
    with transaction():
        if (before := sent.claim(actor, key)) is not None:
            return refs.topic(before)
        topic_id = _insert(actor, node.id, line, held=bool(why))
        post = writing.insert(
            writing.NewPost(topic_id, actor.profile_id, text, cooked, held=False), 1, 1, clock.now()
        )
        _FIRST_POST.run(post.id, topic_id)
        files.attach(actor, cooked, post.uid)
        if not why:
            counters.topic_came(node.id, topic_id)
        tags.put_on(topic_id, wanted, listed=not why)
        _follow(actor, topic_id)
        topic = refs.topic_by_id(topic_id)
        sent.made(actor, key, topic.uid)
        if why:
            screening.hold(post.uid, why, actor.profile_id)
        else:
            announce_topic(topic, post.uid, actor.uid, actor.account_id)
        indexing.put_topic(topic)
        state.lists_changed()
    return topic


def _insert(actor: Actor, category_id: int, title: str, *, held: bool) -> int:
    now = clock.now()
    topic_id = _INSERT.value(
        public_id(), category_id, title, slugify(title, max_length=60), actor.profile_id, now, actor.profile_id,
        False, False, held, not held, now, now,
    )  # fmt: skip
    return int(topic_id)


def _follow(actor: Actor, topic_id: int) -> None:
    if actor.account_id is not None:
        reading.mark_read(actor.account_id, topic_id, 1)
        watching.watch_own(actor.account_id, topic_id)


def announce_topic(topic: TopicRef, post_uid: str, author_uid: str | None, account_id: int | None) -> None:
    """Emit that a topic was opened: at once, or when a moderator let it through."""
    category = category_uid_of(topic)
    opened = events.TopicOpened(topic=topic.uid, category=category, post=post_uid, author=author_uid or None)
    emit(opened, actor_id=account_id)


def category_uid_of(topic: TopicRef) -> str:
    """The public id of the topic's category, for events."""
    return node_of(topic.category_id).uid


def author_uid_of(post: PostRef) -> str | None:
    """The public id of the profile that wrote a post, for events."""
    return _AUTHOR.value(post.author_id) if post.author_id is not None else None


def move(actor: Actor, topic_uid: str, category_uid: str) -> TopicRef:
    """Put a topic into another category that the actor sees too."""
    if not category_uid:
        raise Refusal("Choose a category.", field="category")
    topic = visible_topic(actor, topic_uid)
    require(actor, MODERATE, topic)
    access = access_of(actor)
    target, before = access.find(category_uid), access.node(topic.category_id)
    with transaction():
        topic = refs.locked(topic)
        if not _MOVE.run(target.id, topic.id, before.id):
            return topic
        if topic.listed and target.id != before.id:
            counters.move(before.id, target.id, topic.reply_count + 1)
        indexing.topic_changed(topic.id, listed=topic.listed)
        moved = events.TopicMoved(topic=topic.uid, category=target.uid, before=before.uid)
        emit(moved, actor_id=actor.account_id)
        state.lists_changed()
    return refs.topic_by_id(topic.id)


def close(actor: Actor, topic_uid: str, closed: bool) -> None:
    """Let a topic take no more replies, or take them again."""
    topic = _moderated(actor, topic_uid)
    with transaction():
        if _CLOSE.run(closed, clock.now() if closed else None, topic.id, closed):
            changed = events.TopicClosed(topic=topic.uid, category=category_uid_of(topic), closed=closed)
            emit(changed, actor_id=actor.account_id)
            indexing.put_topic(topic)
            state.lists_changed()


def pin(actor: Actor, topic_uid: str, pinned: bool) -> None:
    """Keep a topic on top of its category, or no longer."""
    topic = _moderated(actor, topic_uid)
    with transaction():
        if _PIN.run(pinned, topic.id, pinned):
            changed = events.TopicPinned(topic=topic.uid, category=category_uid_of(topic), pinned=pinned)
            emit(changed, actor_id=actor.account_id)
            state.lists_changed()


def _moderated(actor: Actor, topic_uid: str) -> TopicRef:
    topic = visible_topic(actor, topic_uid)
    require(actor, MODERATE, topic)
    return topic


def delete(actor: Actor, topic_uid: str) -> None:
    """Delete a topic softly: its author (while nobody answered) and moderators can bring it back."""
    topic = visible_topic(actor, topic_uid)
    require(actor, "forums.delete_post", topic)
    visibility.delete_topic(topic, actor)


def restore(actor: Actor, topic_uid: str) -> None:
    """Bring a deleted topic back. An author cannot undo what a moderator deleted."""
    topic = visible_topic(actor, topic_uid)
    require(actor, "forums.delete_post", topic)
    if not actor.may(MODERATE) and topic.deleted_by_id != actor.profile_id:
        raise Refusal("A moderator deleted this topic; ask one to bring it back.")
    visibility.restore_topic(topic, actor)


def accept(actor: Actor, post_uid: str, accepted: bool) -> PostRef:
    """Mark a reply as the answer of its topic in place of any other, or (``accepted`` false) as none.

    For the topic's author and moderators.
    """
    post = visible_post(actor, post_uid)
    if post.is_first or post.is_comment:
        raise NotFound()
    require(actor, "forums.accept_answer", post)
    topic = post.topic
    with transaction():
        refs.locked(topic)
        post = refs.post_by_id(post.id)
        if accepted and (post.held or post.deleted_at is not None):
            raise NotFound()
        if post.accepted == accepted:
            return post
        _UNACCEPT.rows(False, topic.id)
        if accepted:
            _ACCEPT.run(True, post.id)
        _ACCEPTED.run(post.id if accepted else None, topic.id)
        changed = events.AnswerAccepted(
            topic=topic.uid,
            category=category_uid_of(topic),
            post=post.uid,
            author=author_uid_of(post),
            accepted=accepted,
        )
        emit(changed, actor_id=actor.account_id)
        indexing.put_topic(topic)
        state.lists_changed()
    return refs.post_by_id(post.id)
