"""The REST core: document, reference page, repeated requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.privacy.kind import Retention
from ecrm_server.rest import idempotency, views
from ecrm_server.rest import retention as retention_module

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES


@hookimpl
def jobs() -> list[JobKind]:
    return [JobKind("rest.sweep", idempotency.sweep, "Forget answers to repeated API requests", every=3600)]


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    idempotency.forget(account_id)


def setup_app(app: EcrmFlask) -> None:
    idempotency.install(app)
