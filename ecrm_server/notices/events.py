"""What the notices tell: the bell of somebody changed."""

from __future__ import annotations

from ecrm_server.events import Event


class Notified(Event, name="notices.notified"):
    """People were told something, or read it; their bells must look again."""

    profiles: list
    """Public ids of their profiles."""
