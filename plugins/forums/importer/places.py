"""Where replies stand in their topics: as planned, or at the end where somebody wrote here meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ecrm_server.api import Prepared
from ecrm_server.api import import_toolkit as tk

from .plan import Plan
from .site import Site
from .texts import Text

_STORED = (
    "SELECT p.source_id, p.id, p.uid, p.position, p.topic_id, t.uid, t.category_id FROM forums_post p"
    " JOIN forums_topic t ON t.id = p.topic_id WHERE p.source_name = ? AND p.source_id IN {keys}"
)
_TAKEN = "SELECT topic_id, number, position, parent_id FROM forums_post WHERE topic_id IN {keys}"
# Locks the topic's row where the engine locks rows: whoever replies here meanwhile waits.
_RESERVE = Prepared(
    "UPDATE forums_topic SET last_number = CASE WHEN last_number < ? THEN ? ELSE last_number END,"
    " last_position = CASE WHEN last_position < ? THEN ? ELSE last_position END WHERE id = ?"
    " RETURNING last_number, last_position"
)
_GROWN = Prepared("UPDATE forums_topic SET last_number = ?, last_position = ? WHERE id = ?")


@dataclass(frozen=True, slots=True)
class Place:
    """The topic of a post and its place there. ``parent_id`` is the post that a comment belongs to."""

    topic_id: int
    topic_uid: str
    category_id: int
    parent_id: int | None
    number: int
    position: int
    parent_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A post that is stored already, as those below it need it."""

    id: int
    uid: str
    position: int
    topic_id: int
    topic_uid: str
    category_id: int


@dataclass(slots=True)
class _Topic:
    """What is taken in a topic."""

    last_number: int
    last_position: int
    numbers: set[int] = field(default_factory=set)
    positions: set[int] = field(default_factory=set)
    grown: bool = False

    def number(self, wanted: int) -> int:
        if wanted in self.numbers:
            self.last_number += 1
            wanted, self.grown = self.last_number, True
        self.numbers.add(wanted)
        return wanted

    def position(self, wanted: int) -> int:
        if wanted in self.positions:
            self.last_position += 1
            wanted, self.grown = self.last_position, True
        self.positions.add(wanted)
        return wanted


class Places:
    """Finds the places of a chunk of replies, in its transaction."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def of_answers(self, texts: list[Text], questions: list[str], plan: Plan) -> list[tuple[Text, Place]]:
        """Answers whose question is stored (all, unless it was purged here)."""
        stored = self._stored(questions)
        sizes = {
            stored[key].topic_id: plan.sizes[plan.posts[text.record["Id"]].question]
            for text, key in zip(texts, questions, strict=True)
            if key in stored
        }
        topics = self._taken(sizes)
        placed = []
        for text, key in zip(texts, questions, strict=True):
            if key in stored:
                above = stored[key]
                topic = topics[above.topic_id]
                position = topic.position(text.position)
                number = topic.number(text.number)
                place = Place(above.topic_id, above.topic_uid, above.category_id, None, number, position)
                placed.append((text, place))
        self._save(topics)
        return placed

    def of_comments(self, texts: list[Text], parents: list[str]) -> list[tuple[Text, Place]]:
        """Comments whose post is stored; each has the position of that post."""
        stored = self._stored(parents)
        topics = self._taken({found.topic_id: (0, 0) for found in stored.values()})
        placed = []
        for text, key in zip(texts, parents, strict=True):
            if key in stored:
                above = stored[key]
                number = topics[above.topic_id].number(text.number)
                place = Place(
                    above.topic_id, above.topic_uid, above.category_id, above.id, number, above.position, above.uid
                )  # fmt: skip
                placed.append((text, place))
        self._save(topics)
        return placed

    def _stored(self, keys: Iterable[str]) -> dict[str, Stored]:
        found = tk.select_by_key(_STORED, list(keys), self._site.name)
        return {row[0]: Stored(*row[1:]) for row in found}

    @staticmethod
    def _taken(sizes: dict[int, tuple[int, int]]) -> dict[int, _Topic]:
        """sizes: topic -> highest planned number and position, which are reserved."""
        topics = {}
        for topic_id in sorted(sizes):  # one order everywhere, so that two writers cannot wait for each other
            number, position = sizes[topic_id]
            topics[topic_id] = _Topic(*_RESERVE.tuples(number, number, position, position, topic_id)[0])
        for topic_id, number, position, parent_id in tk.select_by_key(_TAKEN, list(sizes)):
            topics[topic_id].numbers.add(number)
            if parent_id is None:
                topics[topic_id].positions.add(position)
        return topics

    @staticmethod
    def _save(topics: dict[int, _Topic]) -> None:
        for topic_id, topic in topics.items():
            if topic.grown:
                _GROWN.run(topic.last_number, topic.last_position, topic_id)
