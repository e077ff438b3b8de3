"""Replying, commenting, editing, deleting."""

from __future__ import annotations

from ecrm_server.api import (
    Actor,
    Conflict,
    Prepared,
    Refusal,
    clock,
    emit,
    html_to_markdown,
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
    topics,
    visibility,
    watching,
    writing,
)
from .permissions import MODERATE, require_writing, visible_post
from .refs import PostRef, TopicRef
from .tree import node_of

_HTML = Prepared("SELECT html FROM forums_post WHERE id = ?")
_REVISION = Prepared(
    "INSERT INTO forums_revision (uid, post_id, title, source, source_format, editor_id, reason, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_EDIT = Prepared(
    "UPDATE forums_post SET source = ?, source_format = 'markdown', html = ?, excerpt = ?, edited_at = ?,"
    " edit_count = edit_count + 1, version = version + 1 WHERE id = ? AND edit_count = ?"
)
_TITLE = Prepared("UPDATE forums_topic SET title = ?, slug = ?, version = version + 1 WHERE id = ?")
_TOUCH = Prepared("UPDATE forums_topic SET version = version + 1 WHERE id = ?")
MAX_REASON = 200


def reply(
    actor: Actor, topic_uid: str, *, source: str, parent_uid: str | None = None, honeypot: str = "", key: str = ""
) -> writing.Written:
    """Write a reply, or with ``parent_uid`` a comment below a post of the topic (a comment's comments join it there).

    ``key`` is the sender's own: with one that was used before, what it made is given and nothing is written.
    Raises NotFound for what the actor does not see, Forbidden, Refusal for a closed topic or an unfit text.
    """
    if (before := sent.made_before(actor, key)) is not None:
        return writing.written(before)
    topic = refs.topic(topic_uid)
    require_writing(actor, "forums.reply", topic)
    parent = _parent(actor, topic, parent_uid) if parent_uid else None
    text = cooking.checked_text(source)
    cooked = cooking.cook(text)
    why = screening.why_held(actor, cooked, honeypot)
    new = writing.NewPost(
        topic.id, actor.profile_id, text, cooked, bool(why),
        parent.parent_id or parent.id if parent else None, parent.position if parent else 0,
    )  # fmt: skip
    with transaction():
        if (before := sent.claim(actor, key)) is not None:
            return writing.written(before)
        asked, topic = topic.standing, refs.locked(topic)
        if topic.standing != asked:
            require_writing(actor, "forums.reply", topic)
        written = writing.append(new)
        sent.made(actor, key, written.uid)
        files.attach(actor, cooked, written.uid)
        if actor.account_id is not None:
            reading.mark_read(actor.account_id, topic.id, written.number)
            watching.watch_own(actor.account_id, topic.id)
        if why:
            screening.hold(written.uid, why, actor.profile_id)
        elif topic.listed:
            counters.post_came(topic.category_id, topic.id)
            announce(topic, written.uid, actor.uid, actor.account_id, parent.uid if parent else None)
            indexing.put(topic, written.uid, cooked.text, written.at, actor.name)
        state.lists_changed()
    return written


def _parent(actor: Actor, topic: TopicRef, parent_uid: str) -> PostRef:
    parent = visible_post(actor, parent_uid)
    if parent.topic.id != topic.id:
        raise Refusal("The post you answer belongs to another topic.", field="parent")
    require(actor, "forums.reply", parent)
    return parent


def announce(
    topic: TopicRef, post_uid: str, author_uid: str | None, account_id: int | None, parent_uid: str | None
) -> None:
    """Emit that somebody replied: at once, or when a moderator let the reply through."""
    category = node_of(topic.category_id).uid
    replied = events.Replied(
        topic=topic.uid, category=category, post=post_uid, author=author_uid or None, parent=parent_uid
    )
    emit(replied, actor_id=account_id)


def editable_source(post: PostRef) -> str:
    """The Markdown to edit: what was written, or an imported post's HTML turned into Markdown."""
    if post.source_format == "html":
        return html_to_markdown(_HTML.value(post.id))
    return post.source


def edit(
    actor: Actor, post_uid: str, *, source: str, title: str = "", reason: str = "", edit_count: int | None = None
) -> PostRef:
    """Change a post, and with ``title`` that of the topic it opens; what was there before stays as a revision.

    ``edit_count`` is the one the editor started from: Conflict when somebody edited meanwhile. Source and licence
    of an imported post stay as they are.
    """
    post = visible_post(actor, post_uid)
    require_writing(actor, "forums.edit_post", post)
    if len(reason) > MAX_REASON:
        raise Refusal(f"The reason has at most {MAX_REASON} characters.", field="reason")
    text = cooking.checked_text(source)
    line = cooking.checked_title(title) if title and post.is_first else ""
    new_title = line if line != post.topic.title else ""
    if text == editable_source(post) and not new_title:
        return post
    with transaction():
        _save(actor, post, text, new_title, reason, post.edit_count if edit_count is None else edit_count)
        category = node_of(post.topic.category_id).uid
        emit(
            events.PostEdited(topic=post.topic.uid, category=category, post=post.uid), actor_id=actor.account_id
        )
        state.lists_changed()
    return refs.post_by_id(post.id)


def _save(actor: Actor, post: PostRef, text: str, title: str, reason: str, edit_count: int) -> None:
    now, cooked = clock.now(), cooking.cook(text)
    refs.locked(post.topic)
    if not _EDIT.run(text, cooked.html, cooking.short(cooked), now, post.id, edit_count):
        raise Conflict("Somebody else edited this post meanwhile. Copy your text, reload and edit again.", field="text")
    old_title = post.topic.title if title else None
    _REVISION.run(
        public_id(), post.id, old_title, post.source, post.source_format, actor.profile_id, reason.strip(), now
    )
    writing.remember_mentions(post.id, cooked, anew=True)
    files.attach_again(actor, cooked, post.uid)
    if title:
        _TITLE.run(title, slugify(title, max_length=60), post.topic.id)
    else:
        _TOUCH.run(post.topic.id)
    indexing.put_post(post.id)


def delete(actor: Actor, post_uid: str) -> PostRef:
    """Delete a post softly. The first post takes its topic along."""
    post = visible_post(actor, post_uid)
    if post.is_first:
        topics.delete(actor, post.topic.uid)
    else:
        require(actor, "forums.delete_post", post)
        visibility.delete_post(post, actor)
    return post


def restore(actor: Actor, post_uid: str) -> PostRef:
    """Bring a deleted post back. An author cannot undo what a moderator deleted."""
    post = visible_post(actor, post_uid)
    if post.is_first:
        topics.restore(actor, post.topic.uid)
        return post
    require(actor, "forums.delete_post", post)
    if not actor.may(MODERATE) and post.deleted_by_id not in (None, actor.profile_id):
        raise Refusal("A moderator deleted this post; ask one to bring it back.")
    visibility.restore_post(post, actor)
    return post


