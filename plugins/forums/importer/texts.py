"""From the rows of questions, answers and comments to cooked texts ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server.api import Cooked, LinkPolicy, cook_markdown, sanitize_html
from ecrm_server.api import import_toolkit as tk

from .authors import Author, Authors
from .dump import Record
from .plan import Plan
from .site import Links, Site, comment_key, post_key

_KNOWN = (
    "SELECT source_id, id, edit_count, source, anonymous_up, anonymous_down FROM forums_post"
    " WHERE source_name = ? AND source_id IN {keys}"
)


@dataclass(frozen=True, slots=True)
class Text:
    """One post about to be stored. ``id`` is its database key when it is stored already and has changed."""

    key: str
    uid: str
    record: Record
    author: Author
    format: str
    source: str
    cooked: Cooked
    url: str
    number: int
    position: int
    up: int
    down: int
    accepted: bool
    id: int | None = None

    @property
    def licence(self) -> str:
        return str(self.record["ContentLicense"])


@dataclass(slots=True)
class Batch:
    """A chunk after preparation: what to insert, what to change, and how many rows need nothing."""

    new: list[Text]
    changed: list[Text]
    unchanged: int = 0
    kept: int = 0


class Cook:
    """Prepares chunks. It reads the database, but writes nothing."""

    def __init__(self, site: Site, plan: Plan, authors: Authors) -> None:
        self._site, self._plan, self._authors = site, plan, authors
        self._links = Links(site, plan)
        self._policy = LinkPolicy(rewrite=self._links.rewrite)

    def posts(self, records: list[Record]) -> Batch:
        """Questions or answers."""
        return self._sort([(post_key(record["Id"]), record) for record in records], self._post)

    def comments(self, records: list[Record]) -> Batch:
        """Comments."""
        return self._sort([(comment_key(record["Id"]), record) for record in records], self._comment)

    def _sort(self, rows: list[tuple[str, Record]], make) -> Batch:  # type: ignore[no-untyped-def]
        """Only what is new or has changed is cooked."""
        known = {
            row[0]: row[1:] for row in tk.select_by_key(_KNOWN, [key for key, _ in rows], self._site.name)
        }
        batch = Batch([], [])
        for key, record in rows:
            stored = known.get(key)
            if stored is None:
                batch.new.append(make(record, None))
            elif stored[1]:
                batch.kept += 1
            elif stored[2:] == (_source(record), *self._votes(record)):
                batch.unchanged += 1
            else:
                batch.changed.append(make(record, stored[0]))
        return batch

    def _votes(self, record: Record) -> tuple[int, int]:
        if "PostId" in record:
            return max(record["Score"], 0), max(-record["Score"], 0)
        planned = self._plan.posts[record["Id"]]
        return planned.up, planned.down

    def _post(self, record: Record, stored: int | None) -> Text:
        key, planned = record["Id"], self._plan.posts[record["Id"]]
        url = self._site.question_url(key) if planned.is_question else self._site.answer_url(key)
        cooked = sanitize_html(record["Body"], base_url=f"{self._site.url}/", rewrite=self._links.rewrite)
        author = self._authors.find(record["OwnerUserId"], record["OwnerDisplayName"])
        return Text(
            post_key(key), self._site.post_uid(key), record, author, "html", record["Body"], cooked, url,
            planned.number, planned.position, planned.up, planned.down, planned.accepted, stored,
        )  # fmt: skip

    def _comment(self, record: Record, stored: int | None) -> Text:
        key, planned = record["Id"], self._plan.comments[record["Id"]]
        url = self._site.comment_url(key, planned.post, self._plan.posts[planned.post].question)
        cooked = cook_markdown(record["Text"], link_policy=self._policy, raw_html=False)
        author = self._authors.find(record["UserId"], record["UserDisplayName"])
        return Text(
            comment_key(key), self._site.comment_uid(key), record, author, "comment", record["Text"], cooked, url,
            planned.number, 0, *self._votes(record), False, stored,
        )  # fmt: skip


def _source(record: Record) -> str:
    return str(record["Text"] if "PostId" in record else record["Body"])
