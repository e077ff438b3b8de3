"""Where segments stand in the menus."""

from __future__ import annotations

from ecrm_server.api import NavItem

from .permissions import EDIT, READ

ITEMS = [
    NavItem("segments", "Segments", "/segments", icon="users-group", permission=READ, order=62),
    NavItem("segments.new", "Segment", "/segments/new", "users-group", EDIT, 62, "new"),
]
