"""Tags of topics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ecrm_server.api import Actor, NotFound, Prepared, Refusal, emit, setting, transaction

from .. import events
from . import indexing, refs, state
from .permissions import Access, require_writing, visible_topic
from .tree import node_of

MAX_TAGS = 5
MAX_NAME = 35
_SEPARATORS = re.compile(r"[\s_]+")
_NAME = re.compile(r"\w(?:[\w.+#-]*[\w+#])?")

_KNOWN = Prepared("SELECT id FROM forums_tag WHERE name = ?")
_BY_NAME = Prepared(
    "SELECT id, name, topic_count, description, source_url, author_name, licence FROM forums_tag WHERE name = ?"
)
_NEW = Prepared(
    "INSERT INTO forums_tag (name, topic_count, description, source_url, author_name, licence)"
    " VALUES (?, 0, '', '', '', '') ON CONFLICT (name) DO NOTHING"
)
_LOCK = Prepared(
    f"SELECT id, name FROM forums_tag WHERE name IN ({', '.join('?' * MAX_TAGS)})"
    " OR id IN (SELECT tag_id FROM forums_topic_tag WHERE topic_id = ?) ORDER BY id",
    lock=True,
)
_PUT = Prepared("INSERT INTO forums_topic_tag (tag_id, topic_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
_CLEAR = Prepared("DELETE FROM forums_topic_tag WHERE topic_id = ?")
_COUNT = Prepared(
    "UPDATE forums_tag SET topic_count = topic_count + ? WHERE id IN"
    " (SELECT tag_id FROM forums_topic_tag WHERE topic_id = ?)"
)
_NAMES = Prepared("UPDATE forums_topic SET tags = ?, version = version + 1 WHERE id = ?")
_USED = (
    "SELECT g.name, g.topic_count, g.description FROM forums_tag g WHERE {where}"
    " ORDER BY g.topic_count DESC, g.name LIMIT ?"
)
_USED_IN = (
    "SELECT g.name, COUNT(*) AS topic_count, g.description FROM forums_tag g"
    " JOIN forums_topic_tag x ON x.tag_id = g.id JOIN forums_topic t ON t.id = x.topic_id AND t.listed"
    " WHERE {where} AND t.category_id IN ({marks}) GROUP BY g.name, g.description"
    " ORDER BY topic_count DESC, g.name LIMIT ?"
)


def normal(name: str) -> str:
    """A tag's name in the one form in which it is stored. Raises Refusal for what cannot be one."""
    tag = _SEPARATORS.sub("-", name.strip().lstrip("#").lower())[:MAX_NAME].rstrip("-.")
    if not _NAME.fullmatch(tag):
        raise Refusal(f"'{name.strip()}' cannot be a tag: use letters, digits and hyphens.", field="tags")
    return tag


def checked(actor: Actor, names: Iterable[str]) -> list[str]:
    """The names of tags to put on a topic, each once. Raises Refusal for too many, or new ones one may not create."""
    if not setting("forums.tags_enabled"):
        return []
    wanted = list(dict.fromkeys(normal(name) for name in names if name.strip()))
    if len(wanted) > MAX_TAGS:
        raise Refusal(f"A topic has at most {MAX_TAGS} tags.", field="tags")
    if not actor.may("forums.create_tag"):
        new = [name for name in wanted if _KNOWN.value(name) is None]
        if new:
            raise Refusal(f"There is no tag '{new[0]}' yet. Choose one that exists.", field="tags")
    return wanted


def put_on(topic_id: int, names: list[str], *, listed: bool) -> None:
    """Let a topic have exactly these tags (at most MAX_TAGS); in the caller's transaction."""
    # New tags by their names, then all of them by their keys: nobody waits for another in a circle.
    for name in sorted(names):
        _NEW.run(name)
    ids = {name: key for key, name in _LOCK.tuples(*names, *[""] * (MAX_TAGS - len(names)), topic_id)}
    if listed:
        _COUNT.run(-1, topic_id)
    _CLEAR.run(topic_id)
    for name in names:
        _PUT.run(ids[name], topic_id)
    if listed:
        _COUNT.run(1, topic_id)
    _NAMES.run(" ".join(names), topic_id)


def change(actor: Actor, topic_uid: str, names: Iterable[str]) -> None:
    """Give a topic other tags."""
    topic = visible_topic(actor, topic_uid)
    require_writing(actor, "forums.tag", topic)
    wanted = checked(actor, names)
    if wanted == topic.tag_names:
        return
    with transaction():
        topic = refs.locked(topic)
        put_on(topic.id, wanted, listed=topic.listed)
        indexing.put_topic(topic)
        category = node_of(topic.category_id).uid
        emit(events.Tagged(topic=topic.uid, category=category, tags=wanted), actor_id=actor.account_id)
        state.lists_changed()


def find(name: str) -> dict[str, Any]:
    """A tag by its name. Raises NotFound."""
    row = _BY_NAME.row(name.lower())
    if row is None:
        raise NotFound()
    return row


def most_used(access: Access, limit: int = 200) -> list[dict[str, Any]]:
    """Tags of topics that the actor sees, with the number of these topics, most used first."""
    return _used(access, "", "", limit)


def starting(access: Access, start: str, limit: int = 8) -> list[dict[str, Any]]:
    """Such tags whose name begins so."""
    begin = start.strip().lower()
    return _used(access, begin, begin + "\U0010ffff", limit)


def _used(access: Access, first: str, last: str, limit: int) -> list[dict[str, Any]]:
    """Tags by number of topics; what is tagged only in hidden categories is not told."""
    where, names = ("g.name >= ? AND g.name < ?", [first, last]) if last else ("g.topic_count > ?", [0])
    if access.sees_all:
        return Prepared(_USED.format(where=where)).rows(*names, limit)
    marks = ", ".join("?" * len(access.visible)) or "0"
    return Prepared(_USED_IN.format(where=where, marks=marks)).rows(*names, *access.visible, limit)
