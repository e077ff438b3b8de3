"""Imports: permission, pages, command, jobs, settings, and what is kept about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.importing import cli, schemas, services, store, views
from ecrm_server.importing import jobs as jobs_module
from ecrm_server.importing import retention as retention_module
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    import click
    import marshmallow

    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [Permission(services.RUN, "Import files, as far as the kind of object allows", default=("staff",))]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("imports", "Imports", "/admin/imports", "file-import", services.RUN, 55, "admin", "Content")]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def jobs() -> list[JobKind]:
    return jobs_module.KINDS


@hookimpl
def commands() -> list[click.Command]:
    return [cli.undo_command]


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"imports": store.of_account(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    store.forget_account(account_id)


@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
