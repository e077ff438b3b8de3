"""Notices and mail: kinds, jobs, pages, the live bell, and what they store about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access import SIGNED_IN
from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.notices import channels as channels_module
from ecrm_server.notices import health, kinds, outbox_views, privacy, views
from ecrm_server.notices import jobs as jobs_module
from ecrm_server.notices import retention as retention_module
from ecrm_server.notices.events import Notified
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.events import Event
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.notices.kind import NoticeKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.realtime import Channel
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("notices.manage_mail", "Read and resend mail in the outbox")]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages, outbox_views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return [
        NavItem("notices", "Notices", "/notices", "bell", SIGNED_IN, 20, "command"),
        NavItem(
            "notices.preferences",
            "Notifications",
            "/me/notifications",
            "bell-ringing",
            SIGNED_IN,
            25,
            "person",
        ),
        NavItem(
            "notices.outbox", "Outbox", "/admin/outbox", "mail", "notices.manage_mail", 62, "admin", "System"
        ),
    ]


@hookimpl
def health_checks() -> list[HealthCheck]:
    return health.CHECKS


@hookimpl
def page_modules() -> list[str]:
    return ["js/notices.js"]


@hookimpl
def events() -> list[type[Event]]:
    return [Notified]


@hookimpl
def channels() -> list[Channel]:
    return [channels_module.ACCOUNT]


@hookimpl
def notice_kinds() -> list[NoticeKind]:
    return kinds.KINDS


@hookimpl
def jobs() -> list[JobKind]:
    return jobs_module.KINDS


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"notices": privacy.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    privacy.erase(account_id, profile_id)


@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
