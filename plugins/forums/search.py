"""Posts in the search: who may find them, and what a hit shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrm_server.api import Actor, Hit, Prepared, SearchKind

from .services.attribution import of_row
from .services.indexing import KIND
from .services.permissions import access_of


def scopes(actor: Actor) -> Iterable[str]:
    """The categories that the actor reads, by uid."""
    return (node.uid for node in access_of(actor).nodes()) if actor.may("forums.read") else ()


def present(uids: list[str], actor: Actor) -> dict[str, Hit]:
    """What hits show: the topic's title, and for imported posts source and licence."""
    marks = ", ".join("?" * len(uids))
    rows = Prepared(
        "SELECT p.uid, p.created_at, p.source_name, p.source_url, p.author_url, p.licence, t.title, t.category_id,"
        " t.uid AS topic_uid,"
        " COALESCE(a.name, p.author_name) AS author FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id"
        f" LEFT JOIN profile a ON a.id = p.author_id WHERE p.uid IN ({marks})"
        " AND t.listed AND NOT p.held AND p.deleted_at IS NULL"
    ).rows(*uids)
    access = access_of(actor)
    return {row["uid"]: _hit(row) for row in rows if access.sees(row["category_id"])}


def _hit(row: dict[str, Any]) -> Hit:
    source = of_row(row)
    return Hit(
        kind=KIND,
        uid=row["uid"],
        title=row["title"],
        url=f"/forums/p/{row['uid']}",
        icon="message",
        author=row["author"],
        at=row["created_at"],
        hint=source.line() if source else "",
        hint_url=source.url if source else "",
        group=row["topic_uid"],
    )


POSTS = SearchKind(KIND, "Posts", "message", scopes, present)
