"""The segments' hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrm_server.api import declared, hookimpl

from . import schemas, subscribers
from . import traits as traits_module
from .declared import RETENTION
from .events import ALL as EVENTS
from .jobs import JOBS
from .permissions import PERMISSIONS
from .services import members, personal

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.api import (
        Actor,
        Event,
        JobKind,
        Permission,
        Retention,
        Subscription,
        TimelineEntry,
        Traits,
    )


@hookimpl
def permissions() -> list[Permission]:
    return PERMISSIONS


@hookimpl
def events() -> list[type[Event]]:
    return EVENTS


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def services() -> dict[str, Callable[..., Any]]:
    return {"segments.of_customer@1": personal.offered_of_customer, "segments.members@1": members.offered}


@hookimpl
def traits() -> list[Traits]:
    return traits_module.ALL


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def jobs() -> list[JobKind]:
    return JOBS


@hookimpl
def timeline(actor: Actor, customer_id: int | None, before: int, limit: int) -> list[TimelineEntry]:
    return personal.timeline(actor, customer_id, before, limit)


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"segments": personal.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id)


@hookimpl
def retention() -> list[Retention]:
    return RETENTION
