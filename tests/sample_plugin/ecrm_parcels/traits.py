"""What rules can ask about a customer's parcels."""

from __future__ import annotations

from ecrm_server.api import Expression, Traits, stored_trait

ANNOUNCED = stored_trait(
    "parcels.announced",
    "Parcels announced",
    "integer",
    Expression("SELECT COUNT(*) FROM parcels_parcel p WHERE p.sender = t.email"),
    events=("parcels.arrived", "customers.changed"),
)

ALL = [Traits(kind="customer", traits=[ANNOUNCED])]
