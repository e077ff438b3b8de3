"""The audit log: permission, page, command, sealing, and what it stores about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import Permission
from ecrm_server.audit import cli, erasure, listing, views
from ecrm_server.audit import jobs as jobs_module
from ecrm_server.audit import retention as retention_module
from ecrm_server.hookspecs import hookimpl
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    import click

    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.lists.kind import ListKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("audit.read", "Read, export and verify the audit log")]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("audit", "Audit log", "/admin/audit", "history", "audit.read", 80, "admin", "System")]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def lists() -> list[ListKind]:
    return [listing.ENTRIES]


@hookimpl
def jobs() -> list[JobKind]:
    return jobs_module.KINDS


@hookimpl
def commands() -> list[click.Command]:
    return [cli.audit]


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"audit": erasure.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    erasure.forget(account_id, profile_id)

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
