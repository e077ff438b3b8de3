"""Roles and what they allow; every process swaps its generation when they change."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import peewee

from ecrm_server import clock
from ecrm_server.access.actor import Actor
from ecrm_server.access.events import RoleChanged
from ecrm_server.access.permission import ADMIN, BUILT_IN_ROLES, Permission
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.kernel import current, state

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LIST = Prepared("SELECT name, title, description, built_in FROM role ORDER BY id")
_INSERT = Prepared("INSERT INTO role (name, title, description, built_in, created_at) VALUES (?, ?, ?, ?, ?)")
_ID = Prepared("SELECT id FROM role WHERE name = ?")
_DECIDE = Prepared(
    "INSERT INTO role_permission (role_id, permission, allowed) VALUES (?, ?, ?)"
    " ON CONFLICT (role_id, permission) DO UPDATE SET allowed = excluded.allowed"
)
_DELETE = Prepared("DELETE FROM role WHERE name = ? AND NOT built_in")
_UNGIVE = (
    Prepared("DELETE FROM account_role WHERE role = ?"),
    Prepared("DELETE FROM account_group_role WHERE role = ?"),
)
_FORGET = (Prepared("UPDATE session SET roles = NULL"), Prepared("UPDATE api_key SET roles = NULL"))


def roles() -> list[dict[str, Any]]:
    """Every role in the order they were made, the built-in ones first: name, title, description, built_in."""
    return _LIST.rows()


def require_may_give(actor: Actor, names: Collection[str]) -> None:
    """Raise Forbidden when one of these roles allows something that the actor may not do: nobody rises by giving."""
    present = current.generation().role_permissions
    if any(not actor.may(permission) for name in names for permission in present.get(name, ())):
        raise Forbidden("You can give only roles that allow no more than you may do yourself.")


def create_role(actor: Actor, name: str, title: str, description: str = "") -> int:
    """Add a role that allows nothing yet. Returns the number of the generation that knows it."""
    if not _NAME.fullmatch(name):
        raise Refusal("A role's name has lower-case letters, digits and underscores.", field="name")
    if not title.strip():
        raise Refusal("A title is needed.", field="title")
    try:
        with transaction():
            _INSERT.run(name, title.strip()[:120], description.strip(), False, clock.now())
            record(
                "access.role_created", actor=actor, obj_kind="role", obj_uid=name, after={"title": title.strip()[:120]}
            )
            emit(RoleChanged(role=name, change="created", allowed=[], refused=[]), actor_id=actor.account_id)
            return state.bump()
    except peewee.IntegrityError as error:
        raise Conflict("There is a role of this name already.", field="name") from error


def delete_role(actor: Actor, name: str) -> int:
    """Delete a role of one's own making; whoever held it loses it.

    Raises Refusal for a role of the product, Forbidden for one that allows more than the actor may do.
    """
    if name in BUILT_IN_ROLES:
        raise Refusal("This role belongs to the product and stays.")
    require_may_give(actor, [name])
    with transaction():
        if _DELETE.run(name) != 1:
            raise NotFound()
        for statement in _UNGIVE:
            statement.run(name)
        for statement in _FORGET:
            statement.run()
        record("access.role_deleted", actor=actor, obj_kind="role", obj_uid=name)
        emit(RoleChanged(role=name, change="deleted", allowed=[], refused=[]), actor_id=actor.account_id)
        return state.bump()


def set_permissions(
    actor: Actor,
    wanted: Mapping[str, Collection[str]],
    permissions: Collection[Permission],
    present: Mapping[str, frozenset[str]],
) -> int | None:
    """Let each role of ``wanted`` allow exactly those permissions.

    ``permissions`` are those declared, ``present`` what the roles allow now. Whoever is not an administrator can
    change only permissions that they hold. Returns the number of the new generation, None when nothing changed.
    """
    changed = False
    with transaction():
        for role, names in wanted.items():
            if role == ADMIN:
                continue
            changed |= _set_one(actor, role, set(names), permissions, present.get(role, frozenset()))
        return state.bump() if changed else None


def _set_one(
    actor: Actor, role: str, names: set[str], permissions: Collection[Permission], present: frozenset[str]
) -> bool:
    role_id = _ID.value(role)
    if role_id is None:
        raise NotFound()
    declared = {permission.name for permission in permissions}
    allowed, refused = sorted((names & declared) - present), sorted((present & declared) - names)
    if any(not actor.may(name) for name in (*allowed, *refused)):
        raise Forbidden("You can change only permissions that you hold yourself.")
    for name in allowed:
        _DECIDE.run(role_id, name, True)
    for name in refused:
        _DECIDE.run(role_id, name, False)
    if allowed or refused:
        change = {"allowed": allowed, "refused": refused}
        record("access.permissions_changed", actor=actor, obj_kind="role", obj_uid=role, after=change)
        emit(
            RoleChanged(role=role, change="permissions", allowed=allowed, refused=refused),
            actor_id=actor.account_id,
        )
    return bool(allowed or refused)
