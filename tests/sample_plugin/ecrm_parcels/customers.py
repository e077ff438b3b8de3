"""Customers' parcels: what rules can ask about them, and what becomes of them when two customers turn out to be one."""

from __future__ import annotations

from ecrm_server.api import Expression, Prepared, Traits, stored_trait

ANNOUNCED = stored_trait(
    "parcels.announced",
    "Parcels announced",
    "integer",
    Expression("SELECT COUNT(*) FROM parcels_parcel p WHERE p.sender = t.email"),
    events=("parcels.arrived", "customers.changed"),
)

ALL = [Traits(kind="customer", traits=[ANNOUNCED])]

_EMAIL = "(SELECT email FROM customer WHERE id = ?)"
_MOVE = Prepared(f"UPDATE parcels_parcel SET sender = {_EMAIL} WHERE sender = {_EMAIL} RETURNING uid")
_RETURN = Prepared(f"UPDATE parcels_parcel SET sender = {_EMAIL} WHERE uid = ?")


def move(kept: int, merged: int) -> list[str]:
    """Let the parcels of one sender be the other's; returns which."""
    return [row[0] for row in _MOVE.tuples(kept, merged)]


def put_back(merged: int, parcels: list[str]) -> None:
    """Give them back."""
    for uid in parcels:
        _RETURN.run(merged, uid)
