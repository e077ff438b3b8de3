"""The administration: features, settings, health, events, demo company, first-run wizard, backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.access.permission import Permission
from ecrm_server.admin import demo, events, health, menu, schemas, views, wizard_views
from ecrm_server.admin import permissions as declared_permissions
from ecrm_server.hookspecs import hookimpl

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.events import Event
    from ecrm_server.web.app import EcrmFlask
    from ecrm_server.web.blueprint import CoreBlueprint
    from ecrm_server.web.navigation import NavItem


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages, views.figures, wizard_views.pages]


@hookimpl
def permissions() -> list[Permission]:
    return declared_permissions.PERMISSIONS


@hookimpl
def navigation() -> list[NavItem]:
    return menu.ITEMS


@hookimpl
def health_checks() -> list[HealthCheck]:
    return health.CHECKS


@hookimpl(specname="events")
def declared_events() -> list[type[Event]]:
    return events.EVENTS


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


def finish_app(app: EcrmFlask) -> None:
    """Pages of a site that holds the demo company say so; loading and removing it make a new generation."""
    app.jinja_env.globals["demo_loaded"] = demo.is_loaded()
