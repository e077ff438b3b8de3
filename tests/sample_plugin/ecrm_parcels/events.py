"""What others can hear of."""

from __future__ import annotations

from ecrm_server.api import Event


class Arrived(Event, name="parcels.arrived"):
    """A parcel arrived at the desk (``parcel``: its public id, ``code``: what stands on it)."""

    parcel: str
    code: str


class Changed(Event, name="parcels.changed"):
    """A parcel's state, weight or date was changed."""

    parcel: str
