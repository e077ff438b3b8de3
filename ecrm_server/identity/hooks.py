"""Accounts, profiles, sessions, API keys and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import STAFF, Permission
from ecrm_server.events import declared
from ecrm_server.hookspecs import hookimpl
from ecrm_server.identity import (
    account_views,
    admin_views,
    cli,
    people_views,
    privacy,
    roles_views,
    schemas,
    subscribers,
    viewing,
    viewing_views,
)
from ecrm_server.identity import app as identity_app
from ecrm_server.identity import demo as demo_module
from ecrm_server.identity import events as events_module
from ecrm_server.identity import jobs as jobs_module
from ecrm_server.identity import navigation as navigation_module
from ecrm_server.identity import retention as retention_module
from ecrm_server.identity import search as search_module

if TYPE_CHECKING:
    import click
    import marshmallow

    from ecrm_server.events import Event, Subscription
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.search.kind import SearchKind
    from ecrm_server.web.app import EcrmFlask
    from ecrm_server.web.blueprint import CoreBlueprint
    from ecrm_server.web.navigation import NavItem


@hookimpl
def permissions() -> list[Permission]:
    return [
        Permission("identity.manage_accounts", "Manage accounts: suspend, sign out, give roles"),
        Permission("identity.invite", "Invite people by e-mail", default=(STAFF,)),
        Permission(viewing.PERMISSION, "View the site as somebody who may do no more than oneself; looking only"),
    ]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [account_views.pages, people_views.pages, admin_views.pages, roles_views.pages, viewing_views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return navigation_module.ITEMS


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def jobs() -> list[JobKind]:
    return jobs_module.KINDS


@hookimpl
def search_kinds() -> list[SearchKind]:
    return [search_module.PEOPLE]


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def commands() -> list[click.Command]:
    return [cli.user]


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"identity": privacy.export(account_id, profile_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    privacy.erase(account_id, profile_id)

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES


@hookimpl
def load_demo() -> None:
    demo_module.load()


@hookimpl
def describe_demo() -> list[str]:
    return demo_module.describe()


@hookimpl
def remove_demo() -> None:
    demo_module.remove()


def setup_app(app: EcrmFlask) -> None:
    identity_app.setup(app)


def finish_app(app: EcrmFlask) -> None:
    identity_app.finish(app)
