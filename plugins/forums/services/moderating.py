"""What moderation does with posts. A topic is moderated through its first post."""

from __future__ import annotations

from ecrm_server.api import Actor, Moderated, NotFound, Prepared, cooked_markup, transaction

from . import refs, topics, visibility
from .permissions import access_of, sees_post
from .posts import announce
from .refs import PostRef

_TEXT = Prepared("SELECT excerpt, html FROM forums_post WHERE id = ?")
_PARENT = Prepared("SELECT uid FROM forums_post WHERE id = ?")
_ACCOUNT = Prepared("SELECT account_id FROM profile WHERE id = ?")


def load(uid: str) -> Moderated | None:
    """What the moderators' queue shows of a post."""
    try:
        post = refs.post(uid)
    except NotFound:
        return None
    text = _TEXT.row(post.id)
    assert text is not None
    return Moderated(
        uid=uid, title=post.topic.title, url=post.url, excerpt=text["excerpt"],
        author_profile_id=post.author_id, created_at=post.created_at, html=cooked_markup(text["html"]),
    )  # fmt: skip


def may_see(actor: Actor, uid: str) -> bool:
    """Whether an actor may read a post, and so flag it."""
    try:
        return sees_post(actor, access_of(actor), refs.post(uid))
    except NotFound:
        return False


def may_review(actor: Actor, uid: str) -> bool:
    """Whether a moderator may read a post in the queue, held and deleted ones too: only its category counts."""
    try:
        return access_of(actor).sees(refs.post(uid).topic.category_id)
    except NotFound:
        return True  # nothing is left to read


def hide(uid: str, actor: Actor) -> None:
    """Take a post (or with its first post a topic) out of everybody's sight but the author's and the moderators'."""
    _hold(refs.post(uid), actor, held=True)


def restore(uid: str, actor: Actor) -> None:
    """Show again what was hidden."""
    _hold(refs.post(uid), actor, held=False)


def _hold(post: PostRef, actor: Actor, *, held: bool) -> None:
    if post.is_first:
        visibility.hold_topic(post.topic, actor, held)
    else:
        visibility.hold_post(post, actor, held)


def approve(uid: str, actor: Actor) -> None:
    """Publish what waited: it appears, and only now it counts and is announced as written."""
    post = refs.post(uid)
    author = topics.author_uid_of(post)
    account_id = _account_of(post)
    with transaction():
        if post.is_first:
            if visibility.hold_topic(post.topic, actor, False, silently=True):
                topics.announce_topic(post.topic, post.uid, author, account_id)
            return
        if visibility.hold_post(post, actor, False, silently=True):
            parent = _PARENT.value(post.parent_id) if post.parent_id else None
            announce(post.topic, post.uid, author, account_id, parent)


def _account_of(post: PostRef) -> int | None:
    return _ACCOUNT.value(post.author_id) if post.author_id is not None else None
