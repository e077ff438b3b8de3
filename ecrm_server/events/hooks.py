"""The outbox: how long its rows are kept, and the page of failed deliveries."""

from __future__ import annotations

from ecrm_server.access.permission import Permission
from ecrm_server.events import retention as retention_module
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.privacy.kind import Retention


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("events.manage", "See failed deliveries of events and replay them")]


@hookimpl
def jobs() -> list[JobKind]:
    return [JobKind("events.sweep", retention_module.sweep, "Forget old deliveries", every=3600)]


@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
