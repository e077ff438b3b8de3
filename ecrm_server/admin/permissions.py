"""What administration asks for."""

from __future__ import annotations

from ecrm_server.access.permission import STAFF, Permission

ENTER = "admin.enter"
FEATURES = "admin.manage_features"
SETTINGS = "admin.manage_settings"
HEALTH = "admin.see_health"
BACKUP = "admin.make_backups"

PERMISSIONS = [
    Permission(ENTER, "Open the administration", default=(STAFF,)),
    Permission(FEATURES, "Install, enable, disable and purge features"),
    Permission(SETTINGS, "Change settings and look"),
    Permission(HEALTH, "See the health page"),
    Permission(BACKUP, "Download backups"),
]
