"""What happens in the forums. Topics, posts, categories and profiles are named by their public ids.

A post that waits for a moderator causes no event; it counts as written when it is approved.
"""

from __future__ import annotations

from ecrm_server.api import Event


class TopicOpened(Event, name="forums.topic_opened"):
    """Somebody opened a topic; ``author`` is a profile."""

    topic: str
    category: str
    post: str
    author: str | None


class Replied(Event, name="forums.replied"):
    """Somebody replied to a topic, or with ``parent`` commented on a post."""

    topic: str
    category: str
    post: str
    author: str | None
    parent: str | None = None


class PostEdited(Event, name="forums.post_edited"):
    """The text of a post (or the title of its topic) changed."""

    topic: str
    category: str
    post: str


class PostDeleted(Event, name="forums.post_deleted"):
    """A post was deleted, or hidden by a moderator. It can come back."""

    topic: str
    category: str
    post: str


class PostRestored(Event, name="forums.post_restored"):
    """A deleted or hidden post is back."""

    topic: str
    category: str
    post: str


class TopicDeleted(Event, name="forums.topic_deleted"):
    """A topic was deleted, or hidden by a moderator. It can come back."""

    topic: str
    category: str


class TopicRestored(Event, name="forums.topic_restored"):
    """A deleted or hidden topic is back."""

    topic: str
    category: str


class TopicMoved(Event, name="forums.topic_moved"):
    """A topic is in another category now; ``before`` is where it was."""

    topic: str
    category: str
    before: str


class TopicClosed(Event, name="forums.topic_closed"):
    """A topic takes no more replies (``closed``), or takes them again."""

    topic: str
    category: str
    closed: bool


class TopicPinned(Event, name="forums.topic_pinned"):
    """A topic stays on top of its category (``pinned``), or no longer does."""

    topic: str
    category: str
    pinned: bool


class AnswerAccepted(Event, name="forums.answer_accepted"):
    """A reply is the topic's answer (``accepted``), or no longer is; ``author`` wrote the reply."""

    topic: str
    category: str
    post: str
    author: str | None
    accepted: bool


class Voted(Event, name="forums.voted"):
    """Somebody's vote on a post is now ``value``: 1, -1, or 0 for withdrawn. ``author`` wrote the post."""

    topic: str
    category: str
    post: str
    author: str | None
    value: int
    before: int


class Tagged(Event, name="forums.tagged"):
    """The tags of a topic changed; ``tags`` are all it has now."""

    topic: str
    category: str
    tags: list


class CategoryChanged(Event, name="forums.category_changed"):
    """A category was made, changed or deleted, or its grants were."""

    category: str
    change: str


ALL: list[type[Event]] = [
    TopicOpened,
    Replied,
    PostEdited,
    PostDeleted,
    PostRestored,
    TopicDeleted,
    TopicRestored,
    TopicMoved,
    TopicClosed,
    TopicPinned,
    AnswerAccepted,
    Voted,
    Tagged,
    CategoryChanged,
]
