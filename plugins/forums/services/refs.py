"""Topics and posts as the rules see them: small immutable objects read with one prepared query each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecrm_server.api import NotFound, Prepared

_TOPIC_COLUMNS = (
    "t.id, t.uid, t.slug, t.title, t.category_id, t.author_id, t.first_post_id, t.accepted_post_id, t.reply_count,"
    " t.last_number, t.last_position, t.tags, t.pinned, t.closed, t.held, t.deleted_at, t.deleted_by_id, t.listed,"
    " t.version"
)
_POST_COLUMNS = (
    "p.id, p.uid, p.parent_id, p.author_id, COALESCE(a.name, p.author_name) AS author_name, p.number, p.position,"
    " p.accepted, p.held, p.created_at, p.edit_count, p.deleted_at, p.deleted_by_id, p.version, p.source_format,"
    " p.source_name, p.source_url, p.author_url, p.licence, p.source"
)
_TOPIC = Prepared(f"SELECT {_TOPIC_COLUMNS} FROM forums_topic t WHERE t.uid = ?")
_TOPIC_BY_ID = Prepared(f"SELECT {_TOPIC_COLUMNS} FROM forums_topic t WHERE t.id = ?")
_LOCKED = Prepared(f"SELECT {_TOPIC_COLUMNS} FROM forums_topic t WHERE t.id = ?", lock=True)
_POST = Prepared(
    f"SELECT {_POST_COLUMNS}, p.topic_id FROM forums_post p LEFT JOIN profile a ON a.id = p.author_id WHERE p.uid = ?"
)
_POST_BY_ID = Prepared(
    f"SELECT {_POST_COLUMNS}, p.topic_id FROM forums_post p LEFT JOIN profile a ON a.id = p.author_id WHERE p.id = ?"
)
_FLAGS = ("pinned", "closed", "held", "listed", "accepted")


@dataclass(frozen=True, slots=True)
class TopicRef:
    """A topic, without its posts."""

    id: int
    uid: str
    slug: str
    title: str
    category_id: int
    author_id: int | None
    first_post_id: int | None
    accepted_post_id: int | None
    reply_count: int
    last_number: int
    last_position: int
    tags: str
    pinned: bool
    closed: bool
    held: bool
    deleted_at: int | None
    deleted_by_id: int | None
    listed: bool
    version: int

    @property
    def url(self) -> str:
        return f"/forums/t/{self.slug}/{self.uid}"

    @property
    def standing(self) -> tuple[Any, ...]:
        """What of the topic decides who may write in it."""
        return self.category_id, self.closed, self.held, self.deleted_at, self.listed

    @property
    def tag_names(self) -> list[str]:
        return self.tags.split()


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post with its source text and its topic. ``parent_id`` is set for comments."""

    id: int
    uid: str
    parent_id: int | None
    author_id: int | None
    author_name: str
    number: int
    position: int
    accepted: bool
    held: bool
    created_at: int
    edit_count: int
    deleted_at: int | None
    deleted_by_id: int | None
    version: int
    source_format: str
    source_name: str
    source_url: str
    author_url: str
    licence: str
    source: str
    topic: TopicRef

    @property
    def url(self) -> str:
        return f"/forums/p/{self.uid}"

    @property
    def is_first(self) -> bool:
        return self.topic.first_post_id == self.id

    @property
    def is_comment(self) -> bool:
        return self.parent_id is not None


def topic(uid: str) -> TopicRef:
    """A topic by its uid, whoever asks. Raises NotFound."""
    return _topic(_TOPIC.row(uid))


def topic_by_id(topic_id: int) -> TopicRef:
    """A topic by its database key. Raises NotFound."""
    return _topic(_TOPIC_BY_ID.row(topic_id))


def locked(topic: TopicRef) -> TopicRef:
    """A topic as it is now, and as it stays until the caller's transaction ends.

    Every change of a topic or of its posts begins with it: what was read before may have been moved, closed or hidden
    meanwhile. Whoever locks more takes the topic first, then its posts, categories and tags (each by their keys), so
    that no two can wait for each other in a circle.
    """
    return _topic(_LOCKED.row(topic.id))


def post(uid: str) -> PostRef:
    """A post by its uid, whoever asks. Raises NotFound."""
    return _post(_POST.row(uid))


def post_by_id(post_id: int) -> PostRef:
    """A post by its database key. Raises NotFound."""
    return _post(_POST_BY_ID.row(post_id))


def _topic(row: dict[str, Any] | None) -> TopicRef:
    if row is None:
        raise NotFound()
    return TopicRef(**_with_booleans(row))


def _post(row: dict[str, Any] | None) -> PostRef:
    if row is None:
        raise NotFound()
    values = _with_booleans(row)
    return PostRef(topic=topic_by_id(values.pop("topic_id")), **values)


def _with_booleans(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite gives 0 and 1 for what PostgreSQL gives as False and True."""
    for name in _FLAGS:
        if name in row:
            row[name] = bool(row[name])
    return row
