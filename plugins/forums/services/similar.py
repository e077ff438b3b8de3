"""Topics that may already say what somebody is about to ask."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ecrm_server.api import Actor, Prepared, search_index

from .indexing import KIND
from .permissions import access_of

WORDS = 5
PER_WORD = 30
_MIN_LETTERS = 4


def similar(actor: Actor, title: str, limit: int = 5) -> list[dict[str, Any]]:
    """Topics whose texts share the telling (longest) words of a title: most shared words first.

    Each with uid, slug, title, reply_count and solved; only what the actor may read.
    """
    words = sorted({word for word in title.split() if len(word) >= _MIN_LETTERS}, key=len, reverse=True)[:WORDS]
    shared: Counter[str] = Counter()
    for word in words:
        hits = search_index.query(f'"{word}"', actor, kinds=[KIND], limit=PER_WORD).hits
        shared.update({hit.url for hit in hits})
    uids = [url.rsplit("/", 1)[-1] for url, _ in shared.most_common(limit * 4)]
    return _topics(actor, uids)[:limit]


def _topics(actor: Actor, post_uids: list[str]) -> list[dict[str, Any]]:
    """The topics of posts, in the order of the posts, each once."""
    if not post_uids:
        return []
    marks = ", ".join("?" * len(post_uids))
    rows = Prepared(
        "SELECT p.uid AS post_uid, t.uid, t.slug, t.title, t.reply_count, t.category_id,"
        " t.accepted_post_id IS NOT NULL AS solved FROM forums_post p JOIN forums_topic t ON t.id = p.topic_id"
        f" WHERE p.uid IN ({marks}) AND t.listed"
    ).rows(*post_uids)
    access = access_of(actor)
    by_post = {row["post_uid"]: row for row in rows if access.sees(row["category_id"])}
    ordered = {by_post[uid]["uid"]: by_post[uid] for uid in post_uids if uid in by_post}
    return list(ordered.values())
