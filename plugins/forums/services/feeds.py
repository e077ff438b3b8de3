"""The newest topics with their first posts, for Atom feeds."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Actor, Prepared, setting

from . import attribution, lists
from .permissions import Access
from .tree import Node


def entries(actor: Actor, access: Access, node: Node | None = None) -> list[dict[str, Any]]:
    """The newest topics (of a category): uid, slug, title, tags, author, created_at, updated_at, html, attribution."""
    limit = setting("forums.feed_entries")
    if node is not None:
        found = lists.newest_in(actor, access, node, limit)
    else:
        found = lists.newest(actor, access, limit=limit).rows
    if not found:
        return []
    marks = ", ".join("?" * len(found))
    first = {
        row["topic_id"]: row
        for row in Prepared(
            "SELECT p.topic_id, p.html, p.edited_at, p.source_name, p.source_url, p.author_url, p.licence"
            f" FROM forums_post p JOIN forums_topic t ON t.first_post_id = p.id WHERE t.id IN ({marks})"
        ).rows(*[row["id"] for row in found])
    }
    return [_entry(row, first[row["id"]]) for row in found if row["id"] in first]


def _entry(row: dict[str, Any], post: dict[str, Any]) -> dict[str, Any]:
    whole = {**row, **post}
    whole["updated_at"] = max(row["created_at"], post["edited_at"] or 0)
    whole["attribution"] = attribution.of_row(whole)
    whole["tag_names"] = row["tags"].split()
    return whole
