"""How long events and deliveries are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.privacy.kind import Retention

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

DELIVERIES = 30 * clock.DAY
"""Also the longest absence after which a plugin can catch up."""

_DELIVERIES = Prepared("DELETE FROM event_delivery WHERE state = 'done' AND at < ?")
_EVENTS = Prepared(
    "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE delivered_at IS NOT NULL AND at < ? ORDER BY id LIMIT ?)"
)


def sweep(run: Run) -> None:
    """Delete deliveries that are old enough."""
    gone = _DELIVERIES.run(clock.now() - DELIVERIES)
    run.progress(gone, gone, f"{gone} rows deleted")


TABLES = [
    Retention(
        table="event", holds="What happened on the site, under the ids of those who did it",
        why="Features that were off for a while catch up with it, and figures are made of it.",
        days=400, least=40, sweep=_EVENTS.run,
    ),
]  # fmt: skip
