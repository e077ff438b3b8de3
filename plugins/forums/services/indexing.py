"""The forums' documents in the search index: one for each post that readers see, in the scope of its category.

The first post carries title, tags and state of its topic. Called in the transaction of each change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecrm_server.api import Prepared, SearchDocument, search_index

from . import cooking, refs
from .refs import TopicRef
from .tree import Node, node_of

KIND = "forums.post"
BATCH = 200

_UIDS = Prepared("SELECT uid FROM forums_post WHERE topic_id = ?")
_COLUMNS = (
    "p.id, p.uid, p.topic_id, p.source, p.source_format, p.created_at, t.category_id, t.title, t.tags, t.closed,"
    " t.accepted_post_id, t.first_post_id, COALESCE(a.name, p.author_name) AS author"
)
_FROM = (
    " FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id LEFT JOIN profile a ON a.id = p.author_id"
    " WHERE t.listed AND NOT p.held AND p.deleted_at IS NULL"
)
_OF_TOPIC = Prepared(f"SELECT {_COLUMNS}{_FROM} AND p.topic_id = ? AND p.id > ? ORDER BY p.id LIMIT {BATCH}")
_UIDS_OF = Prepared("SELECT uid FROM forums_post WHERE author_id = ?")
_ONE = Prepared(f"SELECT {_COLUMNS}{_FROM} AND p.id = ?")
_ALL = Prepared(f"SELECT {_COLUMNS}{_FROM} AND p.id > ? ORDER BY p.id LIMIT {BATCH}")


def put(topic: TopicRef, written_uid: str, text: str, at: int, author: str) -> None:
    """Put a new post in. text: the plain text of the cooked post."""
    node = node_of(topic.category_id)
    search_index.put(KIND, written_uid, scope=node.uid, title="", body=text, at=at, author=author, extra=_place(node))


def put_topic(topic: TopicRef) -> None:
    """Put in the first post of a topic, with title, tags and state; nothing for a topic that is not listed."""
    if topic.first_post_id is not None:
        put_post(topic.first_post_id)


def put_post(post_id: int) -> None:
    """Put in a post as it is stored now, or take it out when readers do not see it."""
    rows = _ONE.rows(post_id)
    if rows:
        search_index.put_many(_document(row) for row in rows)
    else:
        search_index.remove(KIND, refs.post_by_id(post_id).uid)


def topic_changed(topic_id: int, *, listed: bool) -> None:
    """A topic was moved, hidden or shown: put all its posts in anew, or take them out."""
    if listed:
        search_index.put_many(_document(row) for row in _pages(_OF_TOPIC, topic_id))
    else:
        search_index.remove_many(KIND, (uid for (uid,) in _UIDS.tuples(topic_id)))


def author_renamed(profile_id: int, name: str) -> None:
    """The author of posts has another name now, or (empty) is about to be forgotten."""
    search_index.reauthor(KIND, [uid for (uid,) in _UIDS_OF.tuples(profile_id)], name)


def put_everything() -> int:
    """Index every post anew. Returns how many."""
    return search_index.put_many(_document(row) for row in _pages(_ALL))


def _pages(statement: Prepared, *params: Any) -> Iterator[dict[str, Any]]:
    last = 0
    while rows := statement.rows(*params, last):
        yield from rows
        last = rows[-1]["id"]


def document(row: dict[str, Any], text: str) -> SearchDocument:
    """The document of a post. row: uid, id, category_id, title, tags, closed, accepted_post_id, first_post_id, author,
    created_at; text: the plain text of the cooked post."""
    node = node_of(row["category_id"])
    first = row["id"] == row["first_post_id"]
    extra: dict[str, Any] = _place(node)
    if first:
        states = (("solved", row["accepted_post_id"] is not None), ("closed", row["closed"]))
        extra["is"] = ["topic", *(name for name, holds in states if holds)]
    return SearchDocument(
        KIND, row["uid"], node.uid, row["title"] if first else "", text, row["created_at"], row["author"],
        tuple(row["tags"].split()) if first else (), extra,
    )  # fmt: skip


def _document(row: dict[str, Any]) -> SearchDocument:
    return document(row, cooking.cook(row["source"], row["source_format"]).text)


def _place(node: Node) -> dict[str, Any]:
    return {"in": [node.slug, *(above.slug for above in node.path)]}

