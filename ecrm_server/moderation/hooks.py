"""The moderation: permissions, pages, settings, the live queue, notices, and what it stores about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import Permission
from ecrm_server.hookspecs import hookimpl
from ecrm_server.moderation import channels as channels_module
from ecrm_server.moderation import events as events_module
from ecrm_server.moderation import member_views, personal, queue, schemas, views
from ecrm_server.moderation import retention as retention_module
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.access import Actor
    from ecrm_server.customers.timeline import Entry
    from ecrm_server.events import Event
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.realtime import Channel
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    team = ("moderator", "staff")
    return [
        Permission("moderation.flag", "Flag what breaks a rule", default=("member", *team)),
        Permission("moderation.review", "Decide about what is flagged or held back", default=team),
        Permission("moderation.sanction", "Suspend and silence people", default=team),
    ]


@hookimpl
def navigation() -> list[NavItem]:
    return [
        NavItem(
            "moderation", "Moderation", "/moderation", "gavel", "moderation.review", 70, count=queue.waiting
        ),
        NavItem("moderation.mine", "Decisions about me", "/me/decisions", "scale", "+", 60, "person"),
    ]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages, member_views.pages]


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL


@hookimpl
def channels() -> list[Channel]:
    return [channels_module.QUEUE]


@hookimpl
def notice_kinds() -> list[NoticeKind]:
    return [NoticeKind("moderation.decision", "Decisions about what you wrote", required=True)]


@hookimpl
def timeline(
    actor: Actor, account_id: int | None, customer_id: int | None, before: int, limit: int
) -> list[Entry]:
    return personal.timeline(actor, account_id, before, limit)


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"moderation": personal.export(account_id, profile_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id, profile_id)

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
