"""Making and changing categories and what roles may do in them (permission ``forums.manage_categories``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrm_server.api import (
    Actor,
    NotFound,
    Prepared,
    Refusal,
    clock,
    emit,
    public_id,
    require,
    slugify,
    transaction,
)

from .. import events
from . import state, watching
from .permissions import Access
from .tree import LEVELS, Node, tree

MANAGE = "forums.manage_categories"
COLOURS = 12
MAX_DEPTH = 3

_INSERT = Prepared(
    "INSERT INTO forums_category (uid, parent_id, name, slug, description, colour, icon, position, topic_count,"
    " post_count, demo, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) RETURNING id"
)
_UPDATE = Prepared(
    "UPDATE forums_category SET parent_id = ?, name = ?, description = ?, colour = ?, icon = ?, position = ?"
    " WHERE id = ?"
)
_ANY_TOPIC = Prepared("SELECT 1 FROM forums_topic WHERE category_id = ? LIMIT 1")
_DELETE = Prepared("DELETE FROM forums_category WHERE id = ?")
_CLEAR_GRANTS = Prepared("DELETE FROM forums_category_grant WHERE category_id = ?")
_GRANT = Prepared("INSERT INTO forums_category_grant (category_id, subject, level) VALUES (?, ?, ?)")
_OWN_GRANTS = Prepared("SELECT subject, level FROM forums_category_grant WHERE category_id = ? ORDER BY subject")
_ROLES = Prepared("SELECT name, title FROM role ORDER BY title")
_GROUPS = Prepared("SELECT id, name FROM account_group ORDER BY name")
_OVERVIEW = Prepared(
    "SELECT c.id, c.topic_count, c.post_count, t.uid AS topic_uid, t.slug AS topic_slug, t.title AS topic_title,"
    " t.last_post_at, t.version AS topic_version, COALESCE(p.name, t.last_author_name) AS last_author,"
    " p.uid AS last_author_uid, p.avatar AS last_author_avatar"
    " FROM forums_category c LEFT JOIN forums_topic t ON t.id = c.last_topic_id AND t.listed"
    " LEFT JOIN profile p ON p.id = t.last_author_id"
)


def overview(access: Access) -> dict[int, dict[str, Any]]:
    """Counters and newest topic of each category that the actor sees, by database key: one query."""
    return {row["id"]: row for row in _OVERVIEW.rows() if access.sees(row["id"])}


def create(actor: Actor, values: Mapping[str, Any], *, demo: bool = False) -> Node:
    """Make a category. values: name, description, colour (0 to 11), icon, position, parent (uid or empty)."""
    require(actor, MANAGE)
    parent = _parent(values.get("parent") or "", None)
    with transaction():
        uid = public_id()
        _INSERT.run(
            uid, parent.id if parent else None, values["name"], slugify(values["name"], fallback="category"),
            values.get("description", ""), values.get("colour", 0), values.get("icon", "messages"),
            values.get("position", 0), demo, clock.now(),
        )  # fmt: skip
        _changed(actor, uid, "created")
    return tree().by_uid[uid]


def update(actor: Actor, uid: str, values: Mapping[str, Any]) -> Node:
    """Change a category. values as for ``create``. Its address stays as it was."""
    require(actor, MANAGE)
    node = find(uid)
    parent = _parent(values.get("parent") or "", node)
    with transaction():
        _UPDATE.run(
            parent.id if parent else None, values["name"], values["description"], values["colour"], values["icon"],
            values["position"], node.id,
        )  # fmt: skip
        _changed(actor, uid, "updated")
    return tree().by_uid[uid]


def set_grants(actor: Actor, uid: str, grants: Mapping[str, str]) -> None:
    """Say what roles and groups may do: subject -> ``see``, ``reply`` or ``create``. No grant at all: as the parent."""
    require(actor, MANAGE)
    node = find(uid)
    known = {subject for subject, _ in subjects()}
    for subject, level in grants.items():
        if subject not in known or level not in LEVELS:
            raise Refusal("Choose a role or group and what it may do.", field="grants")
    with transaction():
        _CLEAR_GRANTS.run(node.id)
        for subject, level in grants.items():
            _GRANT.run(node.id, subject, level)
        _changed(actor, uid, "grants")


def delete(actor: Actor, uid: str) -> None:
    """Delete a category that holds nothing. Raises Refusal while there are topics or categories in it."""
    require(actor, MANAGE)
    node = find(uid)
    with transaction():
        if node.children:
            raise Refusal("There are categories in it. Move or delete them first.")
        if _ANY_TOPIC.value(node.id):
            raise Refusal("There are topics in it, perhaps deleted ones. Move them first.")
        watching.forget("category", node.id)
        _DELETE.run(node.id)
        _changed(actor, uid, "deleted")


def find(uid: str) -> Node:
    """A category, whoever asks. Raises NotFound."""
    node = tree().by_uid.get(uid)
    if node is None:
        raise NotFound()
    return node


def own_grants(uid: str) -> dict[str, str]:
    """What is granted in a category itself: subject -> level."""
    return dict(_OWN_GRANTS.tuples(find(uid).id))


def subjects() -> list[tuple[str, str]]:
    """Who may be granted something: (subject, title) of every role but ``admin``, and of every group."""
    roles = [(name, title) for name, title in _ROLES.tuples() if name != "admin"]
    return roles + [(f"group:{key}", name) for key, name in _GROUPS.tuples()]


def _parent(uid: str, child: Node | None) -> Node | None:
    """The category to hang another one below. Raises Refusal for a circle or too many levels."""
    if not uid:
        return None
    parent = tree().by_uid.get(uid)
    if parent is None:
        raise Refusal("There is no such category.", field="parent")
    if child is not None and (parent.id == child.id or child in parent.path):
        raise Refusal("A category cannot lie inside itself.", field="parent")
    if len(parent.path) + 1 + _height(child) > MAX_DEPTH:
        raise Refusal(f"Categories can be nested {MAX_DEPTH} levels deep.", field="parent")
    return parent


def _height(node: Node | None) -> int:
    return 1 + max((_height(child) for child in node.children), default=0) if node is not None else 1


def _changed(actor: Actor, uid: str, change: str) -> None:
    emit(events.CategoryChanged(category=uid, change=change), actor_id=actor.account_id)
    state.categories_changed()
