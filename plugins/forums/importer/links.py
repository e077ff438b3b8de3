"""Links between topics."""

from __future__ import annotations

from ecrm_server.api import import_toolkit as tk

from .check import link_between
from .dump import Record
from .plan import Plan
from .site import Site, post_key

_TOPICS = "SELECT source_id, topic_id FROM forums_post WHERE source_name = ? AND source_id IN {keys}"
_LINK = ("topic_id", "target_id", "kind", "at")


class TopicLinks:
    """Stores which topics point to each other."""

    def __init__(self, site: Site, plan: Plan) -> None:
        self._site, self._plan = site, plan

    def write(self, records: list[Record], counts: tk.Counts) -> None:
        """Store a chunk; the same link between the same topics once."""
        found = [(link_between(record, self._plan), record["CreationDate"]) for record in records]
        links = [(*link, at) for link, at in found if not isinstance(link, str)]
        keys = {post_key(question): None for link in links for question in link[:2]}
        topics = dict(tk.select_by_key(_TOPICS, keys, self._site.name))
        rows = [
            (topics[post_key(source)], topics[post_key(target)], kind, at)
            for source, target, kind, at in links
            if post_key(source) in topics and post_key(target) in topics
        ]
        conflict = "(topic_id, target_id, kind) DO NOTHING"
        counts.add("links created", tk.insert_many("forums_topic_link", _LINK, rows, conflict=conflict))
