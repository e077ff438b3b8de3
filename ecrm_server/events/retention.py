"""How long events and deliveries are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.data import Prepared

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

DELIVERIES = 30 * clock.DAY
"""Also the longest absence after which a plugin can catch up."""
EVENTS = 400 * clock.DAY

_DELIVERIES = Prepared("DELETE FROM event_delivery WHERE state = 'done' AND at < ?")
_EVENTS = Prepared("DELETE FROM event WHERE delivered_at IS NOT NULL AND at < ?")


def sweep(run: Run) -> None:
    """Delete what is old enough."""
    now = clock.now()
    gone = _DELIVERIES.run(now - DELIVERIES) + _EVENTS.run(now - EVENTS)
    run.progress(gone, gone, f"{gone} rows deleted")
