"""The hooks of Parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.api import declared, hookimpl

from . import customers, desk, finding, importing, listing, personal, rest_api, subscribers, views
from . import events as events_module

if TYPE_CHECKING:
    import click

    from ecrm_server.api import (
        Channel,
        Event,
        HealthCheck,
        ImportKind,
        ListKind,
        NavItem,
        Permission,
        PluginBlueprint,
        Purpose,
        Question,
        RestBlueprint,
        Retention,
        SearchSource,
        Subscription,
        Traits,
    )


@hookimpl
def permissions() -> list[Permission]:
    return [desk.READ, desk.EDIT, desk.IMPORT]


@hookimpl
def blueprints() -> list[PluginBlueprint]:
    return [views.pages]


@hookimpl
def rest() -> list[RestBlueprint]:
    return [rest_api.api]


@hookimpl
def navigation() -> list[NavItem]:
    return views.MENU


@hookimpl
def search_sources() -> list[SearchSource]:
    return [finding.PARCELS]


@hookimpl
def events() -> list[type[Event]]:
    return [events_module.Arrived, events_module.Changed]


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def channels() -> list[Channel]:
    return [desk.CHANNEL]


@hookimpl
def page_modules() -> list[str]:
    return ["js/badge.js"]


@hookimpl
def lists() -> list[ListKind]:
    return [listing.PARCELS]


@hookimpl
def health_checks() -> list[HealthCheck]:
    return [desk.CHECK]


@hookimpl
def commands() -> list[click.Command]:
    return [desk.parcel]


@hookimpl
def imports() -> list[ImportKind]:
    return [importing.KIND]


@hookimpl
def traits() -> list[Traits]:
    return customers.ALL


@hookimpl
def purposes() -> list[Purpose]:
    return [personal.MAIL]


@hookimpl
def profile_questions() -> list[Question]:
    return [personal.DOOR]


@hookimpl
def retention() -> list[Retention]:
    return personal.RETENTION


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"wish": personal.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id)


@hookimpl
def customers_merged(kept: int, merged: int) -> dict[str, Any]:
    return {"parcels": customers.move("customer", kept, merged)}


@hookimpl
def customers_unmerged(kept: int, merged: int, moved: dict[str, Any]) -> None:
    customers.put_back("customer", merged, moved.get("parcels", []))


@hookimpl
def organisations_merged(kept: int, merged: int) -> dict[str, Any]:
    return {"parcels": customers.move("organisation", kept, merged)}


@hookimpl
def organisations_unmerged(kept: int, merged: int, moved: dict[str, Any]) -> None:
    customers.put_back("organisation", merged, moved.get("parcels", []))
