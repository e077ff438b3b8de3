"""Which customers an event is about."""

from __future__ import annotations

from ecrm_server.api import Delivered, Prepared

_CUSTOMERS = ("customer", "kept", "merged", "into")
"""Fields of events that name customers; a merge names two."""
_BY_UID = Prepared("SELECT id FROM customer WHERE uid = ?")
_WIDER = {
    "account": Prepared("SELECT c.id FROM customer c JOIN account a ON a.id = c.account_id WHERE a.uid = ?"),
    "profile": Prepared(
        "SELECT c.id FROM customer c JOIN profile p ON p.account_id = c.account_id WHERE p.uid = ?"
    ),
    **dict.fromkeys(
        ("organisation", "kept_organisation", "merged_organisation"),
        Prepared(
            "SELECT c.id FROM customer c JOIN organisation o ON o.id = c.organisation_id WHERE o.uid = ? ORDER BY c.id"
        ),
    ),
}


def customers(event: Delivered) -> list[int] | None:
    """Keys of the customers that an event is about, none for a guest's; None when it names nobody we know how to find.

    One that names a customer is about that one alone, whatever else stands in it.
    """
    named = [event.data[field] for field in _CUSTOMERS if field in event.data]
    if named:
        found = (_BY_UID.value(uid) for uid in named if isinstance(uid, str))
        return sorted({row_id for row_id in found if row_id is not None})
    wider = [field for field in _WIDER if isinstance(event.data.get(field), str)]
    belonging = {row[0] for field in wider for row in _WIDER[field].tuples(event.data[field])}
    return sorted(belonging) if wider else None
