"""Facts about what happened: declared, written with the change, delivered after commit."""

from __future__ import annotations

from ecrm_server.events.event import Event, Subscription, declared, on
from ecrm_server.events.outbox import Delivered, emit
from ecrm_server.events.services import ask

__all__ = ["Delivered", "Event", "Subscription", "ask", "declared", "emit", "on"]
