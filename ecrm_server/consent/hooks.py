"""Consents, the visits that are recorded with consent, and questions about oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access.permission import STAFF, Permission
from ecrm_server.consent import (
    basics,
    personal,
    schemas,
    views,
    visitor,
)
from ecrm_server.consent import events as events_module
from ecrm_server.consent import (
    purposes as purposes_module,
)
from ecrm_server.consent import (
    rest as rest_module,
)
from ecrm_server.consent import (
    slots as slots_module,
)
from ecrm_server.hookspecs import hookimpl

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.consent.kind import Purpose, Question
    from ecrm_server.events import Event
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.rest import RestBlueprint
    from ecrm_server.web.app import EcrmFlask
    from ecrm_server.web.blueprint import CoreBlueprint
    from ecrm_server.web.slots import Slot


@hookimpl
def permissions() -> list[Permission]:
    return [
        Permission("consent.read", "See what customers agreed to, and where they came from", default=(STAFF,))
    ]


@hookimpl
def purposes() -> list[Purpose]:
    return [purposes_module.VISITS]


@hookimpl
def profile_questions() -> list[Question]:
    return basics.QUESTIONS


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def rest() -> list[RestBlueprint]:
    return [rest_module.api]


@hookimpl
def slots() -> list[Slot]:
    return slots_module.SLOTS


@hookimpl
def settings_schema() -> type[marshmallow.Schema]:
    return schemas.SettingsSchema


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"consent": personal.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id)


@hookimpl
def retention() -> list[Retention]:
    return personal.RETENTION


def finish_app(app: EcrmFlask) -> None:
    visitor.finish(app)
