"""The rules of the desk."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import Prepared, Refusal, clock, emit, public_id, transaction

from .events import Arrived

_ALL = Prepared("SELECT uid, code, announced, created_at FROM parcels_parcel ORDER BY id DESC LIMIT 100")
_INSERT = Prepared("INSERT INTO parcels_parcel (uid, code, announced, created_at) VALUES (?, ?, ?, ?)")
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
        _INSERT.run(uid, code.strip(), 0, clock.now())
        emit(Arrived(parcel=uid, code=code.strip()))
    return uid


def announce(parcel: str) -> None:
    """Note that a parcel's arrival was heard of."""
    _ANNOUNCE.run(parcel)
