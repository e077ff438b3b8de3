"""The segments' hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ecrm_server.api import declared, hookimpl

from . import demo, schemas, subscribers
from . import traits as traits_module
from .channels import CHANNELS
from .declared import RETENTION
from .events import ALL as EVENTS
from .jobs import JOBS
from .navigation import ITEMS as NAVIGATION
from .permissions import PERMISSIONS
from .rest import api as rest_api
from .services import members, merging, personal
from .slots import SLOTS
from .views import pages

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.api import (
        Actor,
        Channel,
        Event,
        JobKind,
        NavItem,
        Permission,
        PluginBlueprint,
        RestBlueprint,
        Retention,
        Slot,
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
def channels() -> list[Channel]:
    return CHANNELS


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
def customers_merged(kept: int, merged: int) -> dict[str, Any]:
    return {"segments": merging.merged(kept, merged)}


@hookimpl
def customers_unmerged(kept: int, merged: int, moved: dict[str, Any]) -> None:
    merging.unmerged(kept, merged, moved.get("segments", {}))


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"segments": personal.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id)


@hookimpl
def retention() -> list[Retention]:
    return RETENTION


@hookimpl
def load_demo() -> None:
    demo.load()


@hookimpl
def describe_demo() -> list[str]:
    return demo.describe()


@hookimpl
def remove_demo() -> None:
    demo.remove()
