"""Storing prepared texts: questions as topics, answers and comments at their places, with events and search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrm_server.api import Prepared, SearchDocument, emit, search_index, slugify
from ecrm_server.api import import_toolkit as tk

from .. import events
from ..services import cooking, indexing, state
from ..services.tree import tree
from .check import tag_names
from .places import Place, Places
from .plan import Plan
from .site import Site, post_key
from .texts import Batch, Text

_TOPIC = (
    "uid", "category_id", "title", "slug", "author_id", "author_name", "last_post_at", "last_author_id",
    "last_author_name", "reply_count", "last_number", "last_position", "view_count", "score", "link_count", "tags",
    "pinned", "closed", "closed_at", "held", "listed", "created_at", "bumped_at", "version",
)  # fmt: skip
_POST = (
    "uid", "topic_id", "parent_id", "author_id", "author_name", "number", "position", "score", "up", "down",
    "anonymous_up", "anonymous_down", "accepted", "held", "created_at", "edited_at", "edit_count", "version",
    "source_format", "source_name", "source_id", "source_url", "author_url", "licence", "excerpt", "source", "html",
)  # fmt: skip
_FIRST_POSTS = (
    "UPDATE forums_topic SET first_post_id = p.id FROM forums_post p"
    " WHERE p.topic_id = forums_topic.id AND p.number = 1 AND forums_topic.uid IN {keys} RETURNING forums_topic.uid"
)
_ACCEPTED = Prepared(
    "UPDATE forums_topic SET accepted_post_id = (SELECT id FROM forums_post WHERE uid = ?)"
    " WHERE id = ? AND accepted_post_id IS NULL"
)
_CHANGE = Prepared(
    "UPDATE forums_post SET source = ?, html = ?, excerpt = ?, edited_at = ?, licence = ?,"
    " score = up - down + ? - ?, anonymous_up = ?, anonymous_down = ?, version = version + 1"
    " WHERE id = ? AND edit_count = 0"
)
_TOPIC_IDS = "SELECT uid, id FROM forums_topic WHERE uid IN {keys}"
_TAG_IDS = "SELECT name, id FROM forums_tag WHERE name IN {keys}"


class Writer:
    """Stores chunks inside the transaction of the run."""

    def __init__(self, site: Site, plan: Plan, category_id: int) -> None:
        self._site, self._plan, self._category_id = site, plan, category_id
        self._places = Places(site)

    def questions(self, batch: Batch, counts: tk.Counts) -> None:
        """Each new question becomes a topic with its first post."""
        counts.add("topics created", len(batch.new))
        if batch.new:
            category = tree().nodes[self._category_id]
            topics = self._insert_topics(batch.new)
            self._insert_posts(
                [(text, Place(topics[text.uid], "", category.id, None, 1, 1)) for text in batch.new]
            )
            list(tk.select_by_key(_FIRST_POSTS, [_topic_uid(self._site, text) for text in batch.new]))
            self._put_tags(batch.new, topics)
            for text in batch.new:
                emit(events.TopicOpened(
                    topic=_topic_uid(self._site, text), category=category.uid, post=text.uid, author=text.author.uid
                ))  # fmt: skip
            search_index.put_many(self._topic_document(text) for text in batch.new)
        self._finish(batch, "questions", counts)

    def answers(self, batch: Batch, counts: tk.Counts) -> None:
        """Each new answer becomes a post of its topic."""
        keys = [post_key(self._plan.posts[text.record["Id"]].question) for text in batch.new]
        placed = self._places.of_answers(batch.new, keys, self._plan)
        self._insert_replies(placed)
        for text, place in placed:
            if text.accepted:
                _ACCEPTED.run(text.uid, place.topic_id)
        counts.add("answers created", len(placed))
        self._finish(batch, "answers", counts)

    def comments(self, batch: Batch, counts: tk.Counts) -> None:
        """Each new comment becomes a reply below its post."""
        keys = [post_key(text.record["PostId"]) for text in batch.new]
        placed = self._places.of_comments(batch.new, keys)
        self._insert_replies(placed)
        counts.add("comments created", len(placed))
        self._finish(batch, "comments", counts)

    # -- rows

    def _insert_topics(self, texts: list[Text]) -> dict[str, int]:
        """Returns the key of the topic by the uid of its first post."""
        tk.insert_many("forums_topic", _TOPIC, [self._topic_row(text) for text in texts])
        by_topic = {_topic_uid(self._site, text): text.uid for text in texts}
        return {by_topic[uid]: key for uid, key in tk.select_by_key(_TOPIC_IDS, by_topic)}

    def _topic_row(self, text: Text) -> tuple[Any, ...]:
        record, author = text.record, text.author
        title = " ".join(record["Title"].split())[: cooking.MAX_TITLE]
        number, position = self._plan.sizes[record["Id"]]
        at, name = record["CreationDate"], author.name_without_profile
        return (
            _topic_uid(self._site, text), self._category_id, title, slugify(title, max_length=60), author.id, name,
            at, author.id, name, 0, number, position, record["ViewCount"] or 0, text.up - text.down, 0,
            " ".join(tag_names(record)), False, record["ClosedDate"] is not None, record["ClosedDate"], False, True,
            at, at, 1,
        )  # fmt: skip

    def _insert_posts(self, placed: Iterable[tuple[Text, Place]]) -> None:
        tk.insert_many("forums_post", _POST, [self._post_row(text, place) for text, place in placed])

    def _post_row(self, text: Text, place: Place) -> tuple[Any, ...]:
        author = text.author
        return (
            text.uid, place.topic_id, place.parent_id, author.id, author.name_without_profile, place.number,
            place.position, text.up - text.down, 0, 0, text.up, text.down, text.accepted, False,
            text.record["CreationDate"], text.record.get("LastEditDate"), 0, 1, text.format, self._site.name,
            text.key, text.url, author.url, text.licence, cooking.short(text.cooked), text.source, text.cooked.html,
        )  # fmt: skip

    def _put_tags(self, texts: list[Text], topics: dict[str, int]) -> None:
        pairs = [(name, topics[text.uid]) for text in texts for name in tag_names(text.record)]
        ids = dict(tk.select_by_key(_TAG_IDS, {name: None for name, _ in pairs}))
        rows = [(ids[name], topic_id) for name, topic_id in pairs]
        tk.insert_many("forums_topic_tag", ("tag_id", "topic_id"), rows, conflict="DO NOTHING")

    def _insert_replies(self, placed: list[tuple[Text, Place]]) -> None:
        self._insert_posts(placed)
        nodes = tree().nodes
        for text, place in placed:
            emit(events.Replied(
                topic=place.topic_uid, category=nodes[place.category_id].uid, post=text.uid, author=text.author.uid,
                parent=place.parent_uid,
            ))  # fmt: skip
        search_index.put_many(_reply_document(text, place) for text, place in placed)

    def _finish(self, batch: Batch, what: str, counts: tk.Counts) -> None:
        """Refresh what changed at the source, unless somebody edited it here meanwhile; let lists know."""
        for text in batch.changed:
            written = _CHANGE.run(
                text.source, text.cooked.html, cooking.short(text.cooked), text.record.get("LastEditDate"),
                text.licence, text.up, text.down, text.up, text.down, text.id,
            )  # fmt: skip
            counts.add(f"{what} changed" if written else f"{what} edited here, kept")
            if written and text.id is not None:
                indexing.put_post(text.id)
        counts.add(f"{what} unchanged", batch.unchanged)
        counts.add(f"{what} edited here, kept", batch.kept)
        if batch.new or batch.changed:
            state.lists_changed()

    # -- search

    def _topic_document(self, text: Text) -> SearchDocument:
        answered = self._plan.posts[text.record["Id"]].answered
        row = self._topic_columns(text) | {"accepted_post_id": 0 if answered else None}
        return indexing.document(row, text.cooked.text)

    def _topic_columns(self, text: Text) -> dict[str, Any]:
        return {
            "id": 0, "first_post_id": 0, "uid": text.uid, "category_id": self._category_id,
            "title": text.record["Title"], "tags": " ".join(tag_names(text.record)),
            "closed": text.record["ClosedDate"] is not None, "author": text.author.name,
            "created_at": text.record["CreationDate"],
        }  # fmt: skip


def _reply_document(text: Text, place: Place) -> SearchDocument:
    row = {
        "id": 0, "first_post_id": None, "uid": text.uid, "category_id": place.category_id, "title": "", "tags": "",
        "closed": False, "accepted_post_id": None, "author": text.author.name,
        "created_at": text.record["CreationDate"],
    }  # fmt: skip
    return indexing.document(row, text.cooked.text)


def _topic_uid(site: Site, text: Text) -> str:
    return tk.imported_uid(site.name, f"topic/{text.record['Id']}")
