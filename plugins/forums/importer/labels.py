"""Tags with their descriptions, and badges with those who have them."""

from __future__ import annotations

from ecrm_server.api import Prepared, sanitize_html
from ecrm_server.api import import_toolkit as tk

from .authors import Authors
from .check import GRADES
from .dump import Record
from .plan import Plan
from .site import Site

_DESCRIBE = Prepared(
    "UPDATE forums_tag SET description = ?, source_url = ?, author_name = ?, licence = ? WHERE name = ?"
    " AND (description = '' OR source_url = ?) AND description <> ?"
)
_BADGES = Prepared("SELECT id, name, grade, tag_based FROM forums_badge WHERE source_name = ?")
_TAG = ("name", "topic_count", "description", "source_url", "author_name", "licence")
_BADGE = ("source_name", "name", "grade", "tag_based")
_AWARD = ("badge_id", "profile_id", "source_id", "at")


def write_tags(names: list[str], counts: tk.Counts) -> None:
    """Store tags that are not there yet."""
    rows = [(name, 0, "", "", "", "") for name in names]
    counts.add("tags created", tk.insert_many("forums_tag", _TAG, rows, conflict="(name) DO NOTHING"))


class TagTexts:
    """Tag wikis as descriptions of tags, with source, author and licence."""

    def __init__(self, site: Site, plan: Plan, authors: Authors) -> None:
        self._site, self._plan, self._authors = site, plan, authors

    def write(self, records: list[Record], counts: tk.Counts) -> None:
        """Describe the tags; a description given here stays."""
        for record in records:
            text = sanitize_html(record["Body"], base_url=f"{self._site.url}/").text
            author = self._authors.find(record["OwnerUserId"], record["OwnerDisplayName"])
            url = self._site.question_url(record["Id"])
            tag = self._plan.tag_texts[record["Id"]]
            written = _DESCRIBE.run(text, url, author.name, record["ContentLicense"], tag, url, text)
            counts.add("tag descriptions written", written)


class Badges:
    """Badges and awards of a site."""

    def __init__(self, site: Site, authors: Authors) -> None:
        self._site, self._authors = site, authors
        self._known: dict[tuple[str, str, bool], int] = {}

    def write(self, records: list[Record], counts: tk.Counts) -> None:
        """Store the badges of a chunk, and who got them when."""
        kinds = {self._kind(record): None for record in records}
        missing = [kind for kind in kinds if kind not in self._known]
        if missing:
            rows = [(self._site.name, *kind) for kind in missing]
            conflict = "(source_name, name, grade, tag_based) DO NOTHING"
            counts.add("badges created", tk.insert_many("forums_badge", _BADGE, rows, conflict=conflict))
            stored = _BADGES.tuples(self._site.name)
            self._known = {(name, grade, bool(by_tag)): key for key, name, grade, by_tag in stored}
        awards = []
        for record in records:
            profile = self._authors.profile_id(record["UserId"])
            if profile is not None:
                awards.append((self._known[self._kind(record)], profile, str(record["Id"]), record["Date"]))
        written = tk.insert_many("forums_award", _AWARD, awards, conflict="(badge_id, source_id) DO NOTHING")
        counts.add("awards created", written)

    @staticmethod
    def _kind(record: Record) -> tuple[str, str, bool]:
        return record["Name"].strip()[:80], GRADES[record["Class"]], record["TagBased"]
