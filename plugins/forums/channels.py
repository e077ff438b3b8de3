"""Live channels. What is pushed names only uids; the page fetches what it may see."""

from __future__ import annotations

from collections.abc import Iterable

import marshmallow

from ecrm_server.api import Actor, Channel, Delivered, Message, NotFound

from .services import refs
from .services.permissions import access_of, sees_topic
from .services.tree import tree

_IN_TOPIC = (
    "replied",
    "post_edited",
    "post_deleted",
    "post_restored",
    "topic_deleted",
    "topic_restored",
    "topic_moved",
    "topic_closed",
    "answer_accepted",
    "voted",
    "tagged",
)
_IN_LISTS = ("topic_opened", "replied", "topic_deleted", "topic_restored", "topic_moved", "answer_accepted")
LATEST_OF_ALL = "all"


def _may_join_topic(actor: Actor, ref: str) -> bool:
    try:
        topic = refs.topic(ref)
    except NotFound:
        return False
    return actor.may("forums.read") and sees_topic(actor, access_of(actor), topic)


def _may_join_category(actor: Actor, ref: str) -> bool:
    node = tree().by_uid.get(ref)
    return node is not None and actor.may("forums.read") and access_of(actor).sees(node.id)


def _may_join_latest(actor: Actor, ref: str) -> bool:
    return ref == LATEST_OF_ALL and actor.may("forums.read")


def _topic(event: Delivered) -> Iterable[tuple[str, str]]:
    return [(event.topic, event.data.get("post", event.topic))]


def _category(event: Delivered) -> Iterable[tuple[str, str]]:
    rooms = {event.category, event.data.get("before") or event.category}
    return [(room, event.topic) for room in rooms if isinstance(room, str)]


def _latest(event: Delivered) -> Iterable[tuple[str, str]]:
    """Everybody may be here, so only what everybody may read is told."""
    node = tree().by_uid.get(event.category)
    visible = node is not None and all(step.grants.get("everyone") for step in (*node.path, node))
    return [(LATEST_OF_ALL, event.topic)] if visible else []


class TypingSchema(marshmallow.Schema):
    """Somebody is writing a reply; there is nothing more to say."""


TOPIC = Channel(
    "forums.topic",
    _may_join_topic,
    events={f"forums.{name}": _topic for name in _IN_TOPIC},
    messages=(Message("typing", TypingSchema, "forums.reply", rate=10),),
    presence=True,
)
CATEGORY = Channel("forums.category", _may_join_category, events={f"forums.{name}": _category for name in _IN_LISTS})
LATEST = Channel("forums.latest", _may_join_latest, events={f"forums.{name}": _latest for name in _IN_LISTS})
CHANNELS = [TOPIC, CATEGORY, LATEST]
