"""What happens to roles."""

from __future__ import annotations

from ecrm_server.events import Event


class RoleChanged(Event, name="access.role_changed"):
    """A role was made, deleted, or allowed something else (``change``: created, permissions, deleted)."""

    role: str
    change: str
    allowed: list
    refused: list


ALL: list[type[Event]] = [RoleChanged]
