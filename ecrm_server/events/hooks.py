"""The outbox: how long its rows are kept, and the page of failed deliveries."""

from __future__ import annotations

from ecrm_server.access.permission import Permission
from ecrm_server.events import retention
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind


@hookimpl
def permissions() -> list[Permission]:
    return [Permission("events.manage", "See failed deliveries of events and replay them")]


@hookimpl
def jobs() -> list[JobKind]:
    return [JobKind("events.sweep", retention.sweep, "Forget old deliveries", every=3600)]
