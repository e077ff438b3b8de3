"""Topics that may already say what somebody is about to ask."""

from __future__ import annotations

import re
from typing import Any

from ecrm_server.api import Actor, Prepared, search_index

from .indexing import KIND
from .permissions import access_of

WORDS = 6
PER_WORD = 30
_MIN_LETTERS = 4
_FEW = 10
_WORD = re.compile(r"\w+")
_QUESTIONING = frozenset(
    _WORD.findall(
        "about after again always been before best between both could does doing done down ever every from good"
        " have help here into just know like long make many more most much need only other over really same should"
        " some such take than that their them then there these they thing this those through using very want well"
        " were what when where which while will with without work would your"
    )
)
"""English words of questions that say nothing about their topic; what is common on a site is found by counting."""
_TOPICS = Prepared("SELECT COALESCE(SUM(topic_count), 0) FROM forums_category")


def similar(actor: Actor, title: str, limit: int = 5) -> list[dict[str, Any]]:
    """Topics whose titles share telling words with a title, else their first posts; the rarer a word, the more it says.

    Each with uid, slug, title, reply_count and solved; only what the actor may read.
    """
    words = _telling(title)
    close = _close(actor, words, titles=True) or _close(actor, words, titles=False)
    return _topics(actor, [url.rsplit("/", 1)[-1] for url in close[:limit]])


def _close(actor: Actor, words: list[str], *, titles: bool) -> list[str]:
    """Addresses of first posts, those that share most first."""
    scores: dict[str, float] = {}
    common: list[str] = []
    too_many = max(_FEW, _TOPICS.value() // 5)
    for word in words:
        found = _find(actor, [word], titles)
        if found.capped:
            common.append(word)
        elif found.count and found.count <= too_many:
            _add(scores, found)
    if len(common) > 1:  # each of them stands in hundreds of topics; together they may say something
        _add(scores, _find(actor, common, titles))
    best = max(scores.values(), default=0)
    return sorted(
        (url for url, score in scores.items() if score * 5 >= best), key=scores.__getitem__, reverse=True
    )


def _telling(title: str) -> list[str]:
    """The longest words of a title, without a plural's ``s``: they are looked for as beginnings."""
    words = {word.removesuffix("s") for word in _WORD.findall(title.lower()) if word not in _QUESTIONING}
    return sorted((word for word in words if len(word) >= _MIN_LETTERS), key=lambda word: (-len(word), word))[
        :WORDS
    ]


def _find(actor: Actor, words: list[str], titles: bool) -> search_index.Results:
    return search_index.grouped(
        f"is:topic {' '.join(words)}", actor, kinds=[KIND], limit=PER_WORD, titles=titles
    )


def _add(scores: dict[str, float], found: search_index.Results) -> None:
    for hit in found.hits:
        scores[hit.url] = scores.get(hit.url, 0) + 1 / (found.count or 1)


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
