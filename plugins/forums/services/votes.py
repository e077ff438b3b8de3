"""Votes on posts: one per person, not on one's own, and sums that stay right when many vote at once."""

from __future__ import annotations

from ecrm_server.api import Actor, Prepared, Refusal, clock, emit, transaction

from .. import events
from . import refs, state, topics
from .permissions import require_writing, visible_post

_MINE = Prepared("SELECT value FROM forums_post_vote WHERE post_id = ? AND profile_id = ?")
_PUT = Prepared(
    "INSERT INTO forums_post_vote (post_id, profile_id, value, at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (post_id, profile_id) DO UPDATE SET value = excluded.value, at = excluded.at"
)
_WITHDRAW = Prepared("DELETE FROM forums_post_vote WHERE post_id = ? AND profile_id = ?")
_COUNT = Prepared(
    "UPDATE forums_post SET up = up + ?, down = down + ?, score = score + ?, version = version + 1 WHERE id = ?"
    " RETURNING score"
)
_TOUCH = Prepared("UPDATE forums_topic SET version = version + 1 WHERE id = ?")
_TOPIC_SCORE = Prepared("UPDATE forums_topic SET score = ?, version = version + 1 WHERE id = ?")
_SCORE = Prepared("SELECT score FROM forums_post WHERE id = ?")


def vote(actor: Actor, post_uid: str, value: int) -> int:
    """Vote 1 or -1, or withdraw with 0. Returns the post's score. Raises NotFound, Forbidden, Refusal."""
    if value not in (-1, 0, 1):
        raise Refusal("A vote is 1, -1, or 0 to take it back.", field="value")
    post = visible_post(actor, post_uid)
    if post.author_id is not None and post.author_id == actor.profile_id:
        raise Refusal("You cannot vote on your own post.")
    require_writing(actor, "forums.vote", post)
    with transaction():
        # Everybody who votes here waits for this: what is read afterwards is what the votes before have left.
        refs.locked(post.topic)
        before = _MINE.value(post.id, actor.profile_id) or 0
        if before == value:
            return int(_SCORE.value(post.id))
        if value:
            _PUT.run(post.id, actor.profile_id, value, clock.now())
        else:
            _WITHDRAW.run(post.id, actor.profile_id)
        up, down = (value == 1) - (before == 1), (value == -1) - (before == -1)
        score = int(_COUNT.value(up, down, value - before, post.id))
        voted = events.Voted(
            topic=post.topic.uid, category=topics.category_uid_of(post.topic), post=post.uid,
            author=topics.author_uid_of(post), value=value, before=before,
        )  # fmt: skip
        emit(voted, actor_id=actor.account_id)
        if post.is_first:
            _TOPIC_SCORE.run(score, post.topic.id)
            state.lists_changed()
        else:
            _TOUCH.run(post.topic.id)
    return score
