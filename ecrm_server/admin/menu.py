"""Entries of the administration's own pages."""

from __future__ import annotations

from ecrm_server.admin import permissions
from ecrm_server.web.navigation import ADMINISTRATION, NavItem

ITEMS = [
    NavItem(
        ADMINISTRATION, "Administration", "/admin", icon="settings", permission=permissions.ENTER, order=90
    ),
    NavItem(
        "admin.features", "Features", "/admin/features", "puzzle", permissions.FEATURES, 10, "admin", "Site"
    ),
    NavItem(
        "admin.settings",
        "Settings",
        "/admin/settings",
        "adjustments",
        permissions.SETTINGS,
        20,
        "admin",
        "Site",
    ),
    NavItem("admin.health", "Health", "/admin/health", "activity", permissions.HEALTH, 80, "admin", "System"),
    NavItem("admin.events", "Failed deliveries", "/admin/events", "bolt", "events.manage", 82, "admin", "System"),
    NavItem(
        "admin.wizard", "Set up the site", "/admin/setup", "wand", permissions.SETTINGS, 25, "admin", "Site"
    ),
]
