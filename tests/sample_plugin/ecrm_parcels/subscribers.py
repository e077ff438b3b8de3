"""What happens when a parcel has arrived."""

from __future__ import annotations

from ecrm_server.api import Delivered, on

from . import services


@on("parcels.arrived", missed="catch_up")
def announce(event: Delivered) -> None:
    """Once for each parcel."""
    services.announce(event.parcel)
