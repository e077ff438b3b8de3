"""A forum of 10,000 topics and 200,000 posts, made by bulk statements."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from ecrm_server.api import SYSTEM, Prepared, clock, public_id, slugify, transaction
from ecrm_server.bench import Dataset

from ..services import categories, cooking, counters

TOPICS = 10_000
POSTS_A_TOPIC = 20
AUTHORS = 300
CATEGORIES = 8
BODIES = 400
ROWS = 50
"""Rows of one INSERT."""

_FIRST_POSTS = Prepared(
    "UPDATE forums_topic SET first_post_id = (SELECT p.id FROM forums_post p WHERE p.topic_id = forums_topic.id"
    " AND p.number = 1)"
)
_VOCABULARY = (
    "wheel chain saddle frame brake light ride road path hill rain winter spring tyre pump bell lock"
    " rack bag map train ferry city river bridge coffee friend weekend repair spare tool shop price"
    " order parcel reply question"
)
_WORDS = _VOCABULARY.split()
_TAGS = ["wheels", "brakes", "lights", "rain", "winter", "repair", "tools", "routes", "trains", "safety"]


def fill() -> None:
    """Fill an empty forum, always with the same content but for its times, which end now."""
    chance = random.Random(20)
    with transaction():
        names = [f"Category {number}" for number in range(CATEGORIES)]
        places = [categories.create(SYSTEM, {"name": name}).id for name in names]
        authors = _insert("profile", list(_authors()))
        tags = dict(zip(_TAGS, _insert("forums_tag", list(_tags())), strict=True))
        topics = list(_topics(chance, places, authors))
        topic_ids = _insert("forums_topic", topics)
        _insert("forums_topic_tag", _topic_tags(topics, topic_ids, tags), key="")
    for first in range(0, TOPICS, 500):
        with transaction():
            _insert(
                "forums_post",
                _posts(chance, topics[first : first + 500], topic_ids[first : first + 500], authors),
            )
    _FIRST_POSTS.run()
    counters.recount()


def known_of_customer(customer_id: int, account_id: int) -> None:
    """Somebody who wrote a thousand posts in fifty topics."""
    chance, author = random.Random(21), Prepared("SELECT id FROM profile WHERE account_id = ?").value(account_id)
    with transaction():
        place = categories.create(SYSTEM, {"name": "Workshop"}).id
        topics = list(islice(_topics(chance, [place], [author]), 50))
        _insert("forums_post", _posts(chance, topics, _insert("forums_topic", topics), [author]))
        _FIRST_POSTS.run()
    counters.recount()


def _insert(table: str, rows: Iterable[dict[str, Any]], key: str = "id") -> list[int]:
    """Insert rows of the same columns, many at a time. Gives their keys."""
    rest, keys = iter(rows), []
    while chunk := list(islice(rest, ROWS)):
        statement = _statement(table, tuple(chunk[0]), len(chunk), key)
        values = [value for row in chunk for value in row.values()]
        if key:
            keys += [int(found) for (found,) in statement.tuples(*values)]
        else:
            statement.run(*values)
    return keys


@lru_cache(maxsize=16)
def _statement(table: str, columns: tuple[str, ...], rows: int, key: str) -> Prepared:
    one = f"({', '.join('?' * len(columns))})"
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"
    return Prepared(f"{sql} RETURNING {key}" if key else sql)


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize()


def _authors() -> Iterator[dict[str, Any]]:
    for number in range(AUTHORS):
        name = f"Author {number}"
        yield {
            "uid": public_id(), "name": name, "name_key": f"author{number}", "handle": f"author{number}",
            "source_url": "", "created_at": clock.now(), "demo": False,
        }  # fmt: skip


def _tags() -> Iterator[dict[str, Any]]:
    for name in _TAGS:
        yield {
            "name": name,
            "topic_count": 0,
            "description": "",
            "source_url": "",
            "author_name": "",
            "licence": "",
        }


def _topics(chance: random.Random, places: list[int], authors: list[int]) -> Iterator[dict[str, Any]]:
    now, span = clock.now(), 1000 * clock.DAY
    for number in range(TOPICS):
        title = _sentence(chance, 7)
        # Half of all topics moved in the last weeks, as in a forum that is in use.
        bumped = now - int((span if number % 2 else 20 * clock.DAY) * chance.random() ** 2)
        yield {
            "uid": public_id(), "category_id": places[number % len(places)], "title": title, "slug": slugify(title),
            "author_id": chance.choice(authors), "author_name": "", "last_post_at": bumped,
            "last_author_id": chance.choice(authors), "last_author_name": "", "reply_count": POSTS_A_TOPIC - 1,
            "last_number": POSTS_A_TOPIC, "last_position": POSTS_A_TOPIC, "view_count": chance.randrange(5000),
            "score": chance.randrange(20), "link_count": 0, "tags": " ".join(sorted(chance.sample(_TAGS, k=2))),
            "pinned": False, "closed": False, "held": False, "listed": True,
            "created_at": bumped - POSTS_A_TOPIC * clock.HOUR, "bumped_at": bumped, "version": 1,
        }  # fmt: skip


def _topic_tags(
    topics: list[dict[str, Any]], ids: list[int], tags: dict[str, int]
) -> Iterator[dict[str, Any]]:
    for topic, topic_id in zip(topics, ids, strict=True):
        for name in topic["tags"].split():
            yield {"tag_id": tags[name], "topic_id": topic_id}


def _posts(
    chance: random.Random, topics: list[dict[str, Any]], ids: list[int], authors: list[int]
) -> Iterator[dict[str, Any]]:
    for topic, topic_id in zip(topics, ids, strict=True):
        for number in range(1, POSTS_A_TOPIC + 1):
            source, html, short = _cooked(chance.randrange(BODIES))
            yield {
                "uid": public_id(), "topic_id": topic_id,
                "author_id": topic["author_id"] if number == 1 else chance.choice(authors), "author_name": "",
                "number": number, "position": number, "score": chance.randrange(10), "up": 0, "down": 0,
                "anonymous_up": 0, "anonymous_down": 0, "accepted": False, "held": False,
                "created_at": topic["bumped_at"] - (POSTS_A_TOPIC - number) * clock.HOUR, "edit_count": 0,
                "version": 1, "source_format": "markdown", "source_name": "", "source_url": "", "author_url": "",
                "licence": "", "excerpt": short, "source": source, "html": html,
            }  # fmt: skip


def text(number: int) -> str:
    """One of the texts that posts share: 300 to 900 characters of Markdown."""
    chance = random.Random(number % BODIES)
    paragraphs = [f"{_sentence(chance, chance.randrange(15, 45))}." for _ in range(2)]
    paragraphs.insert(
        1, f"**{_sentence(chance, 3)}**: see [the guide](https://example.org/{number}), `{number}`."
    )
    if number % 3 == 0:
        paragraphs.append("\n".join(f"- {_sentence(chance, 5)}" for _ in range(3)))
    return "\n\n".join(paragraphs)


@lru_cache(maxsize=BODIES)
def _cooked(number: int) -> tuple[str, str, str]:
    """A text, its HTML and its excerpt."""
    source = text(number)
    cooked = cooking.cook(source)
    return source, cooked.html, cooking.short(cooked)


DATA = Dataset("forum", ("forums",), fill, Path(__file__))
