"""Jobs: permission, page, tidying, and whose jobs they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs import health, services, views
from ecrm_server.jobs import retention as retention_module
from ecrm_server.jobs.kind import JobKind
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("jobs.manage", "See, cancel and restart jobs")]


@hookimpl
def navigation() -> list[NavItem]:
    return [NavItem("jobs", "Jobs", "/admin/jobs", "hourglass", "jobs.manage", 60, "admin", "System")]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def jobs() -> list[JobKind]:
    return retention_module.KINDS


@hookimpl
def health_checks() -> list[HealthCheck]:
    return health.CHECKS


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"jobs": services.of_account(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    services.forget_account(account_id)


@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
