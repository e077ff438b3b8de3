"""Lists: permissions, routes, jobs, the export command, and what is kept about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.lists import bulk, cli, stored, views
from ecrm_server.lists import events as events_module
from ecrm_server.lists import jobs as jobs_module
from ecrm_server.lists import retention as retention_module

if TYPE_CHECKING:
    import click

    from ecrm_server.events import Event
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [
        Permission("lists.share", "Share stored views of lists with everybody", default=("staff",)),
        Permission("lists.index", "Build indexes that make slow lists fast"),
    ]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL


@hookimpl
def jobs() -> list[JobKind]:
    return jobs_module.KINDS


@hookimpl
def commands() -> list[click.Command]:
    return [cli.export]


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"list_views": stored.of_account(account_id), "bulk_actions": bulk.of_account(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    stored.forget_account(account_id)
    bulk.forget_account(account_id)

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
