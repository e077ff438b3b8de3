"""The rules of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecrm_server.api import (
    Actor,
    Conflict,
    NotFound,
    Prepared,
    Refusal,
    clock,
    emit,
    name_key,
    public_id,
    transaction,
)

from .events import Arrived, Changed

STATES = {"here": "At the desk", "called": "Called for", "gone": "Handed out"}

_ALL = Prepared("SELECT uid, code, announced, created_at FROM parcels_parcel ORDER BY id DESC LIMIT 100")
_ONE = Prepared("SELECT uid, code, state, weight, due, version, created_at FROM parcels_parcel WHERE uid = ?")
_INSERT = Prepared(
    "INSERT INTO parcels_parcel (uid, code, code_key, state, announced, version, changed_by, created_at)"
    " VALUES (?, ?, ?, 'here', 0, 1, '', ?)"
)
_SET = {
    name: Prepared(
        f"UPDATE parcels_parcel SET {name} = ?, changed_by = ?, version = version + 1"
        " WHERE uid = ? AND version = ? RETURNING version"
    )
    for name in ("state", "weight", "due")
}
_ANNOUNCE = Prepared("UPDATE parcels_parcel SET announced = announced + 1 WHERE uid = ?")


def parcels() -> list[dict[str, Any]]:
    """The latest hundred, newest first; ``announced`` counts how often the subscriber ran."""
    return _ALL.rows()


def arrive(code: str) -> str:
    """Take a parcel in; returns its public id. Raises Refusal for an empty or long code."""
    if not 0 < len(code.strip()) <= 40:
        raise Refusal("A parcel's code has 1 to 40 characters.", field="code")
    uid = public_id()
    with transaction():
        _INSERT.run(uid, code.strip(), name_key(code), clock.now())
        emit(Arrived(parcel=uid, code=code.strip()))
    return uid


def announce(parcel: str) -> None:
    """Note that a parcel's arrival was heard of."""
    _ANNOUNCE.run(parcel)


def parcel(uid: str) -> dict[str, Any]:
    """One parcel. Raises NotFound."""
    found = _ONE.row(uid)
    if found is None:
        raise NotFound()
    return found


def set_state(actor: Actor, uid: str, state: str | None, version: int) -> int:
    """Change where a parcel is, while it still has this version; returns the new one."""
    if state not in STATES:
        raise Refusal("A parcel is somewhere: choose a state.", field="value")
    return _set(actor, "state", uid, state, version)


def set_weight(actor: Actor, uid: str, weight: float | None, version: int) -> int:
    """Change a parcel's weight in kilograms."""
    if weight is not None and not 0 < weight <= 100:
        raise Refusal("A parcel weighs at most 100 kg.", field="value")
    return _set(actor, "weight", uid, weight, version)


def set_due(actor: Actor, uid: str, due: str | None, version: int) -> int:
    """Change the day until which a parcel is kept."""
    return _set(actor, "due", uid, due, version)


def set_states(actor: Actor, uids: Sequence[str], state: str) -> list[list[Any]]:
    """Set the state of several parcels; returns what they were before and the version that they have now."""
    before = []
    for uid in uids:
        found = parcel(uid)
        if found["state"] != state:
            before.append([uid, found["state"], set_state(actor, uid, state, found["version"])])
    return before


def restore_states(actor: Actor, before: list[list[Any]]) -> None:
    """Undo ``set_states``; a parcel that somebody changed since stays as it is."""
    for uid, state, version in before:
        if _ONE.row(uid) is not None and parcel(uid)["version"] == version:
            set_state(actor, uid, state, version)


def _set(actor: Actor, name: str, uid: str, value: str | float | None, version: int) -> int:
    with transaction():
        new = _SET[name].value(value, actor.name, uid, version)
        if new is None:
            parcel(uid)
            raise Conflict("Somebody changed this parcel meanwhile.")
        emit(Changed(parcel=uid), actor_id=actor.account_id)
    return int(new)
