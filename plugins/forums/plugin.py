"""The forums' hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrm_server.api import declared, hookimpl

from . import demo, schemas, subscribers
from .channels import CHANNELS
from .commands import COMMANDS
from .declared import PURPOSES, RETENTION
from .events import ALL as EVENTS
from .jobs import JOBS
from .moderation import POST as MODERATED_POST
from .navigation import ITEMS as NAVIGATION
from .notices import KINDS as NOTICE_KINDS
from .permissions import PERMISSIONS
from .rest import api as rest_api
from .search import POSTS as SEARCH_POSTS
from .services import permissions as rules
from .services import personal
from .services.files import PICTURES
from .services.offered import SERVICES
from .slots import SLOTS
from .views import pages

if TYPE_CHECKING:
    import click
    import marshmallow

    from ecrm_server.api import (
        Actor,
        Channel,
        Event,
        FileKind,
        JobKind,
        ModeratedKind,
        NavItem,
        NoticeKind,
        Permission,
        PluginBlueprint,
        Purpose,
        RestBlueprint,
        Retention,
        SearchKind,
        Slot,
        Subscription,
        TimelineEntry,
    )


@hookimpl
def permissions() -> list[Permission]:
    return PERMISSIONS


@hookimpl
def may(actor: Actor, permission: str, obj: object) -> bool | None:
    return rules.may_hook(actor, permission, obj)


@hookimpl
def events() -> list[type[Event]]:
    return EVENTS


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def services() -> dict[str, Callable[..., Any]]:
    return SERVICES


@hookimpl
def blueprints() -> list[PluginBlueprint]:
    return [pages]


@hookimpl
def rest() -> list[RestBlueprint]:
    return [rest_api]


@hookimpl
def navigation() -> list[NavItem]:
    return NAVIGATION


@hookimpl
def slots() -> list[Slot]:
    return SLOTS


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def search_kinds() -> list[SearchKind]:
    return [SEARCH_POSTS]


@hookimpl
def file_kinds() -> list[FileKind]:
    return [PICTURES]


@hookimpl
def channels() -> list[Channel]:
    return CHANNELS


@hookimpl
def moderated_kinds() -> list[ModeratedKind]:
    return [MODERATED_POST]


@hookimpl
def notice_kinds() -> list[NoticeKind]:
    return NOTICE_KINDS


@hookimpl
def jobs() -> list[JobKind]:
    return JOBS


@hookimpl
def timeline(
    actor: Actor, account_id: int | None, customer_id: int | None, before: int, limit: int
) -> list[TimelineEntry]:
    return personal.timeline(actor, account_id, before, limit)


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"forums": personal.export(account_id, profile_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id, profile_id)


@hookimpl
def purposes() -> list[Purpose]:
    return PURPOSES


@hookimpl
def retention() -> list[Retention]:
    return RETENTION


@hookimpl
def commands() -> list[click.Command]:
    return COMMANDS


@hookimpl
def load_demo() -> None:
    demo.load()


@hookimpl
def describe_demo() -> list[str]:
    return demo.describe()


@hookimpl
def remove_demo() -> None:
    demo.remove()
