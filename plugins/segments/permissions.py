"""What can be allowed with segments. Which customers one sees in them is up to the permissions of customers."""

from __future__ import annotations

from ecrm_server.api import Permission

READ, EDIT = "segments.read", "segments.edit"

PERMISSIONS = [
    Permission(READ, "See segments, and in them the customers one sees", default=("staff",)),
    Permission(
        EDIT, "Make, change and archive segments, and keep lists by hand", default=("staff",), implies=(READ,)
    ),
]
