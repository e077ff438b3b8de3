"""Customers' parcels: what rules can ask about them, and what becomes of them when two senders turn out to be one."""

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

_EMAIL = {senders: f"(SELECT email FROM {senders} WHERE id = ?)" for senders in ("customer", "organisation")}
_MOVE = {
    senders: Prepared(f"UPDATE parcels_parcel SET sender = {email} WHERE sender = {email} RETURNING uid")
    for senders, email in _EMAIL.items()
}
_RETURN = {
    senders: Prepared(f"UPDATE parcels_parcel SET sender = {email} WHERE uid = ?")
    for senders, email in _EMAIL.items()
}


def move(senders: str, kept: int, merged: int) -> list[str]:
    """Let the parcels of one sender be the other's; returns which. senders: customer or organisation."""
    return [row[0] for row in _MOVE[senders].tuples(kept, merged)]


def put_back(senders: str, merged: int, parcels: list[str]) -> None:
    """Give them back."""
    for uid in parcels:
        _RETURN[senders].run(merged, uid)
