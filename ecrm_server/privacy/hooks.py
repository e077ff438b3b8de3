"""Privacy: export, erasure and retention of personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access import SIGNED_IN
from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.privacy import events as events_module
from ecrm_server.privacy import jobs as jobs_module
from ecrm_server.privacy import services, tables, views
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.events import Event
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("privacy.manage", "See requests for data and erasure, and start failed ones again")]


@hookimpl
def navigation() -> list[NavItem]:
    return [
        NavItem("privacy.mine", "My data", "/me/data", "fingerprint", SIGNED_IN, 40, "person"),
        NavItem(
            "privacy", "Privacy", "/admin/privacy", "fingerprint", "privacy.manage", 38, "admin", "People"
        ),
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
def notice_kinds() -> list[NoticeKind]:
    return [NoticeKind(services.READY, "Your data is ready", required=True)]


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"requests": services.requests(account_id)}


@hookimpl
def retention() -> list[Retention]:
    return tables.TABLES


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    services.drop_archives(account_id)
