"""The web core: static files, home page, site settings, languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookimpl
from ecrm_server.web import i18n, schemas, views

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.web.app import EcrmFlask
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


def setup_app(app: EcrmFlask) -> None:
    i18n.install(app)
