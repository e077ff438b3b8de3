"""What the first pass finds out and the second needs: who stands where, without any text."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecrm_server.api import import_toolkit as tk


@dataclass(slots=True)
class PlannedPost:
    """A question (``question`` is its own id) or an answer. Votes are those without voters."""

    id: int
    question: int
    created: int
    number: int = 0
    position: int = 0
    up: int = 0
    down: int = 0
    accepted: bool = False
    answered: bool = False
    """Of a question: whether one of its answers is the accepted one."""

    @property
    def is_question(self) -> bool:
        return self.id == self.question


@dataclass(slots=True)
class PlannedComment:
    """A comment on a post."""

    post: int
    created: int
    number: int = 0


@dataclass(slots=True)
class Plan:
    """The whole import. facts: what was read, and what is left out for which reason."""

    facts: tk.Counts = field(default_factory=tk.Counts)
    users: set[int] = field(default_factory=set)
    posts: dict[int, PlannedPost] = field(default_factory=dict)
    comments: dict[int, PlannedComment] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)
    tag_texts: dict[int, str] = field(default_factory=dict)
    """The tag wiki that becomes the description of a tag: its post id and the tag."""
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of each question: the highest number and position in its topic."""

    def arrange(self) -> None:
        """Number the posts and comments of each topic in the order of their times, each after what it belongs to."""
        topics: dict[int, list[tuple[int, int, int, PlannedPost | PlannedComment]]] = {}
        for post in self.posts.values():
            entries = topics.setdefault(post.question, [])
            # An answer older than its question (after a merge of questions) still comes after it.
            entries.append(
                (0 if post.is_question else max(post.created, self._asked(post)), 0, post.id, post)
            )
        for key, comment in self.comments.items():
            post = self.posts[comment.post]
            at = max(comment.created, post.created, self._asked(post))
            topics[post.question].append((at, 1, key, comment))
        for question, entries in topics.items():
            self._number(question, sorted(entries, key=lambda entry: entry[:3]))

    def _asked(self, post: PlannedPost) -> int:
        return self.posts[post.question].created

    def _number(
        self, question: int, entries: list[tuple[int, int, int, PlannedPost | PlannedComment]]
    ) -> None:
        position = 0
        for number, entry in enumerate(entries, 1):
            entry[3].number = number
            if isinstance(entry[3], PlannedPost):
                position += 1
                entry[3].position = position
        self.sizes[question] = (len(entries), position)
