"""Access: roles, permissions and groups. The pages stand with the people's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.access import events as events_module
from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl

if TYPE_CHECKING:
    from ecrm_server.events import Event


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("access.manage_roles", "Edit roles, groups and who holds them")]


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL
