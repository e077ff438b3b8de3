"""Stored views: who sees which, and who may change them."""

from __future__ import annotations

import json
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access.actor import Actor
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.lists.events import ViewChanged

SHARED = ("nobody", "group", "everybody")
MOST = 100
"""Views of one list that a person sees, and that one may own."""

_COLUMNS = (
    "v.id, v.uid, v.list, v.owner_id, v.title, v.state, v.shared, v.group_id, v.version, v.updated_at, p.name AS owner"
)
_FROM = "FROM list_view v LEFT JOIN profile p ON p.account_id = v.owner_id"
_SHARED = Prepared(
    f"SELECT {_COLUMNS} {_FROM} WHERE v.list = ? AND v.shared = 'everybody' ORDER BY v.title LIMIT {MOST}"
)
_ONE = Prepared(f"SELECT {_COLUMNS} {_FROM} WHERE v.uid = ? AND v.list = ?")
_DEFAULT = Prepared(
    "SELECT v.uid FROM list_default d JOIN list_view v ON v.id = d.view_id WHERE d.account_id = ? AND d.list = ?"
)
_INSERT = Prepared(
    "INSERT INTO list_view (uid, list, owner_id, title, state, shared, group_id, version, created_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?) RETURNING id"
)
_UPDATE = Prepared(
    "UPDATE list_view SET title = ?, state = ?, shared = ?, group_id = ?, version = version + 1, updated_at = ?"
    " WHERE id = ? AND version = ?"
)
_DELETE = Prepared("DELETE FROM list_view WHERE id = ?")
_OWNED = Prepared("SELECT COUNT(*) FROM list_view WHERE list = ? AND owner_id = ?")
_CLEAR_DEFAULT = Prepared("DELETE FROM list_default WHERE account_id = ? AND list = ?")
_SET_DEFAULT = Prepared("INSERT INTO list_default (account_id, list, view_id) VALUES (?, ?, ?)")
_OF_ACCOUNT = Prepared(
    "SELECT list, title, state, shared, created_at, updated_at FROM list_view WHERE owner_id = ? ORDER BY id"
)
_FORGET_VIEWS = Prepared("DELETE FROM list_view WHERE owner_id = ?")
_FORGET_DEFAULTS = Prepared("DELETE FROM list_default WHERE account_id = ?")

View = dict[str, Any]
"""uid, title, state (as stored), shared, group_id, version, owner (a name), ``mine``, ``default``."""


def visible(name: str, actor: Actor) -> list[View]:
    """The views of a list that an actor sees: his own first, then those shared with him."""
    if actor.account_id is None:
        return [_shown(row, actor, None) for row in _SHARED.rows(name)]
    groups = sorted(actor.groups)
    in_group = f" OR (v.shared = 'group' AND v.group_id IN ({', '.join('?' * len(groups))}))" if groups else ""
    text = (
        f"SELECT {_COLUMNS} {_FROM} WHERE v.list = ? AND (v.owner_id = ? OR v.shared = 'everybody'{in_group})"
        f" ORDER BY v.owner_id <> ?, v.title, v.id LIMIT {MOST}"
    )
    default = _DEFAULT.value(actor.account_id, name)
    rows = Prepared(text).rows(name, actor.account_id, *groups, actor.account_id)
    return [_shown(row, actor, default) for row in rows]


def get(name: str, uid: str, actor: Actor) -> View:
    """One view. Raises NotFound, also for another's view that is not shared with the actor."""
    row = _ONE.row(uid, name)
    if row is None or not _may_see(row, actor):
        raise NotFound()
    return _shown(row, actor, _DEFAULT.value(actor.account_id, name) if actor.account_id else None)


def create(actor: Actor, name: str, title: str, state: dict[str, Any], shared: str, group_id: int | None = None) -> str:
    """Store a view and return its public id. Raises Refusal or Forbidden."""
    if actor.account_id is None:
        raise Forbidden()
    checked = _checked(actor, title, shared, group_id)
    uid, now = ids.public_id(), clock.now()
    with transaction():
        if _OWNED.value(name, actor.account_id) >= MOST:
            raise Refusal(f"One person stores at most {MOST} views of a list. Delete one first.")
        _INSERT.value(uid, name, actor.account_id, checked[0], _packed(state), *checked[1:], now, now)
        emit(ViewChanged(view=uid, list=name, change="stored"), actor_id=actor.account_id)
    return uid


def change(
    actor: Actor, view: View, *, version: int, title: str, state: dict[str, Any], shared: str, group_id: int | None
) -> None:
    """Change one's own view. Raises Forbidden for another's, Conflict when it was changed elsewhere meanwhile."""
    _own(actor, view)
    checked = _checked(actor, title, shared, group_id)
    with transaction():
        if not _UPDATE.run(checked[0], _packed(state), *checked[1:], clock.now(), view["id"], version):
            raise Conflict("This view was changed elsewhere meanwhile. Open it again.")
        emit(ViewChanged(view=view["uid"], list=view["list"], change="changed"), actor_id=actor.account_id)


def delete(actor: Actor, view: View) -> None:
    """Delete one's own view, and for those with whom it was shared. Raises Forbidden for another's."""
    _own(actor, view)
    with transaction():
        _DELETE.run(view["id"])
        emit(ViewChanged(view=view["uid"], list=view["list"], change="deleted"), actor_id=actor.account_id)


def set_default(actor: Actor, name: str, view: View | None) -> None:
    """Let a list open with a view for this person; None for the list's own order."""
    with transaction():
        _CLEAR_DEFAULT.run(actor.account_id, name)
        if view is not None:
            _SET_DEFAULT.run(actor.account_id, name, view["id"])


def groups_of(actor: Actor) -> list[dict[str, Any]]:
    """The groups that an actor may share with: its own."""
    groups = sorted(actor.groups)
    if not groups:
        return []
    marks = ", ".join("?" * len(groups))
    return Prepared(f"SELECT id, uid, name FROM account_group WHERE id IN ({marks}) ORDER BY name").rows(*groups)


def of_account(account_id: int) -> list[dict[str, Any]]:
    """The views that a person stored, as plain data."""
    return [row | {"state": json.loads(row["state"])} for row in _OF_ACCOUNT.rows(account_id)]


def forget_account(account_id: int) -> None:
    """Delete a person's views and choices."""
    _FORGET_DEFAULTS.run(account_id)
    _FORGET_VIEWS.run(account_id)


def _may_see(row: dict[str, Any], actor: Actor) -> bool:
    return (
        row["shared"] == "everybody"
        or (actor.account_id is not None and row["owner_id"] == actor.account_id)
        or (row["shared"] == "group" and row["group_id"] in actor.groups)
    )


def _own(actor: Actor, view: View) -> None:
    if not view["mine"]:
        raise Forbidden("This view is somebody else's. Store one of your own.")


def _checked(actor: Actor, title: str, shared: str, group_id: int | None) -> tuple[str, str, int | None]:
    name = " ".join(title.split())
    if not 0 < len(name) <= 80:
        raise Refusal("A view's name has 1 to 80 characters.", field="title")
    if shared not in SHARED:
        raise Refusal("A view is shared with nobody, a group or everybody.", field="shared")
    if shared == "everybody" and not actor.may("lists.share"):
        raise Forbidden("You may not share views with everybody.")
    if shared == "group" and group_id not in actor.groups:
        raise Refusal("Choose a group that you belong to.", field="shared")
    return name, shared, group_id if shared == "group" else None


def _packed(state: dict[str, Any]) -> str:
    return json.dumps(state, separators=(",", ":"), ensure_ascii=False)


def _shown(row: dict[str, Any], actor: Actor, default: str | None) -> View:
    mine = actor.account_id is not None and row["owner_id"] == actor.account_id
    return row | {"state": json.loads(row["state"]), "mine": mine, "default": row["uid"] == default}
