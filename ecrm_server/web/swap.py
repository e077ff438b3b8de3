"""Answering after a change of plugins, settings or roles only when this worker serves it."""

from __future__ import annotations

from ecrm_server.kernel import current, state
from ecrm_server.kernel.dispatcher import refresh_now


def settle(number: int | None = None) -> None:
    """Build and publish the generation with this number (by default the newest) before the request is answered."""
    newest = current.newest()
    if newest is None or newest.number < (number or state.number()):
        refresh_now()
