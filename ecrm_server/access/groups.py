"""Groups: accounts that get roles, and rights on single objects, together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import peewee

from ecrm_server import clock, ids
from ecrm_server.access.actor import Actor
from ecrm_server.access.services import require_may_give
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, NotFound, Refusal
from ecrm_server.events import emit

_LIST = Prepared(
    "SELECT g.id, g.uid, g.name, g.description, (SELECT COUNT(*) FROM account_group_member m WHERE m.group_id = g.id)"
    " AS members FROM account_group g ORDER BY g.name"
)
_FIND = Prepared("SELECT id, uid, name, description FROM account_group WHERE uid = ?")
_ROLES = Prepared("SELECT role FROM account_group_role WHERE group_id = ? ORDER BY role")
_MEMBERS = Prepared(
    "SELECT a.uid, p.name, p.handle FROM account_group_member m JOIN account a ON a.id = m.account_id"
    " JOIN profile p ON p.account_id = a.id WHERE m.group_id = ? ORDER BY p.name LIMIT ?"
)
_INSERT = Prepared(
    "INSERT INTO account_group (uid, name, description, created_at) VALUES (?, ?, ?, ?) RETURNING uid"
)
_UPDATE = Prepared("UPDATE account_group SET name = ?, description = ? WHERE id = ?")
_DELETE = Prepared("DELETE FROM account_group WHERE id = ?")
_DROP_ROLES = Prepared("DELETE FROM account_group_role WHERE group_id = ?")
_ADD_ROLE = Prepared("INSERT INTO account_group_role (group_id, role) VALUES (?, ?)")
_JOIN = Prepared(
    "INSERT INTO account_group_member (group_id, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
)
_LEAVE = Prepared("DELETE FROM account_group_member WHERE group_id = ? AND account_id = ?")
_ACCOUNT = Prepared("SELECT uid FROM account WHERE id = ?")


def groups() -> list[dict[str, Any]]:
    """Every group by name, with the number of its members."""
    return _LIST.rows()


def group(uid: str) -> dict[str, Any]:
    """A group with its roles and (at most 500) members. Raises NotFound."""
    row = _FIND.row(uid)
    if row is None:
        raise NotFound()
    return row | {"roles": [r[0] for r in _ROLES.tuples(row["id"])], "people": _MEMBERS.rows(row["id"], 500)}


def create_group(actor: Actor, name: str, description: str = "") -> str:
    """Make an empty group. Returns its public id."""
    try:
        with transaction():
            uid: str = _INSERT.value(ids.public_id(), _checked(name), description.strip(), clock.now())
            _tell(actor, uid, "created", after={"name": _checked(name)})
            return uid
    except peewee.IntegrityError as error:
        raise Conflict("There is a group of this name already.", field="name") from error


def change_group(actor: Actor, uid: str, name: str, description: str, roles: Iterable[str]) -> None:
    """Rename a group and give it exactly these roles."""
    from ecrm_server.identity import held, services

    found, wanted = group(uid), services.known_roles(roles)
    require_may_give(actor, set(wanted) ^ set(found["roles"]))
    try:
        with transaction():
            _UPDATE.run(_checked(name), description.strip(), found["id"])
            _DROP_ROLES.run(found["id"])
            for role in wanted:
                _ADD_ROLE.run(found["id"], role)
            held.forget_all()
            before = {"name": found["name"], "roles": found["roles"]}
            _tell(actor, uid, "changed", before=before, after={"name": _checked(name), "roles": wanted})
    except peewee.IntegrityError as error:
        raise Conflict("There is a group of this name already.", field="name") from error


def delete_group(actor: Actor, uid: str) -> None:
    """Delete a group; its members lose what it gave them."""
    from ecrm_server.identity import held

    found = group(uid)
    require_may_give(actor, found["roles"])
    with transaction():
        _DELETE.run(found["id"])
        held.forget_all()
        _tell(actor, uid, "deleted", before={"name": found["name"], "roles": found["roles"]})


def add_member(actor: Actor, uid: str, account_id: int) -> None:
    """Put an account into a group."""
    from ecrm_server.identity import held

    found = group(uid)
    require_may_give(actor, found["roles"])
    with transaction():
        _JOIN.run(found["id"], account_id)
        held.forget(account_id)
        _tell(actor, uid, "members", after={"member": _ACCOUNT.value(account_id)})


def remove_member(actor: Actor, uid: str, account_id: int) -> None:
    """Take an account out of a group."""
    from ecrm_server.identity import held

    found = group(uid)
    require_may_give(actor, found["roles"])
    with transaction():
        _LEAVE.run(found["id"], account_id)
        held.forget(account_id)
        _tell(actor, uid, "members", before={"member": _ACCOUNT.value(account_id)})


def _checked(name: str) -> str:
    trimmed = " ".join(name.split())
    if not trimmed or len(trimmed) > 80:
        raise Refusal("A group's name has from 1 to 80 characters.", field="name")
    return trimmed


def _tell(actor: Actor, uid: str, change: str, *, before: Any = None, after: Any = None) -> None:
    from ecrm_server.identity.events import GroupChanged

    record(f"access.group_{change}", actor=actor, obj_kind="group", obj_uid=uid, before=before, after=after)
    emit(GroupChanged(group=uid, change=change), actor_id=actor.account_id)
