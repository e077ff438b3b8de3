"""Writing the demo's categories, topics and posts."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecrm_server.api import SYSTEM, Prepared, clock, profiles, public_id, slugify

from ..models import Post, Tag, Topic, TopicTag
from ..services import categories, cooking, counters, indexing

_HERE = Path(__file__).resolve().parent
_HAS_DEMO = Prepared("SELECT 1 FROM forums_category WHERE demo LIMIT 1")
DAYS = 90
"""Over how many days the topics are spread."""


def load() -> None:
    """Write it all in the caller's transaction; nothing happens when it is there already."""
    if _HAS_DEMO.value() is not None:
        return
    people = tomllib.loads((_HERE / "people.toml").read_text(encoding="utf-8"))
    topics = tomllib.loads((_HERE / "topics.toml").read_text(encoding="utf-8"))["topic"]
    authors = {name.split()[0]: profiles.create(name, demo=True) for name in people["names"]}
    places = _categories(people["category"])
    dice = random.Random(2011)  # the same demo everywhere
    step = DAYS * clock.DAY // len(topics)
    order = dice.sample(topics, len(topics))
    made: list[int] = []
    for index, topic in enumerate(order):
        started = clock.now() - DAYS * clock.DAY + index * step
        made.append(_topic(topic, places[topic["category"]], authors, started, dice))
    counters.recount()
    for topic_id in made:
        indexing.topic_changed(topic_id, listed=True)


def _categories(wanted: list[dict[str, Any]]) -> dict[str, int]:
    """Key of the file -> database key."""
    made: dict[str, Any] = {}
    for position, item in enumerate(wanted):
        parent = made[item["parent"]].uid if "parent" in item else ""
        values = {
            "name": item["name"],
            "description": item["text"],
            "icon": item["icon"],
            "colour": item["colour"],
            "parent": parent,
            "position": position,
        }
        node = made[item["key"]] = categories.create(SYSTEM, values, demo=True)
        if "grants" in item:
            categories.set_grants(SYSTEM, node.uid, item["grants"])
    return {key: node.id for key, node in made.items()}


def _topic(
    topic: Mapping[str, Any], category_id: int, authors: Mapping[str, int], started: int, dice: random.Random
) -> int:
    posts = topic["posts"]
    opener = authors[posts[0]["by"]]
    row = Topic.create(
        uid=public_id(),
        category=category_id,
        title=topic["title"],
        slug=slugify(topic["title"], max_length=60),
        author=opener,
        tags=topic["tags"],
        pinned=topic.get("pinned", False),
        closed=topic.get("closed", False),
        view_count=dice.randint(20, 900),
        created_at=started,
        last_post_at=started,
        bumped_at=started,
    )
    written = _posts(row.get_id(), posts, topic.get("solved"), authors, started, dice)
    row.first_post_id = written[0].get_id()
    row.accepted_post_id = written[topic["solved"] - 1].get_id() if "solved" in topic else None
    row.save()
    for name in topic["tags"].split():
        tag, _ = Tag.get_or_create(name=name)
        TopicTag.create(tag=tag, topic=row)
    return int(row.get_id())


def _posts(
    topic_id: int,
    posts: list[dict[str, Any]],
    solved: int | None,
    authors: Mapping[str, int],
    started: int,
    dice: random.Random,
) -> list[Post]:
    written: list[Post] = []
    at, position = started, 0
    for number, post in enumerate(posts, 1):
        parent = written[post["to"] - 1] if "to" in post else None
        position += parent is None
        cooked = cooking.cook(post["text"])
        up = dice.choice((0, 0, 1, 1, 2, 3, 5)) + (4 if number == solved else 0)
        written.append(
            Post.create(
                topic=topic_id,
                parent=parent,
                author=authors[post["by"]],
                number=number,
                position=parent.position if parent else position,
                accepted=number == solved,
                anonymous_up=up,
                score=up,
                created_at=at,
                excerpt=cooking.short(cooked),
                source=post["text"],
                html=cooked.html,
            )
        )
        at += dice.randint(4, 300) * clock.MINUTE
    return written
