"""Lists: permissions of the engine."""

from __future__ import annotations

from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl


@hookimpl
def permissions() -> list[Permission]:
    return [
        Permission("lists.share", "Share stored views of lists with everybody", default=("staff",)),
        Permission("lists.index", "Build indexes that make slow lists fast"),
    ]
