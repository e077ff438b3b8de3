"""Hooks of live updates."""

from __future__ import annotations

from ecrm_server.access import Permission
from ecrm_server.admin.health import HealthCheck
from ecrm_server.events import Event, Subscription, declared
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.realtime import channels as channels_module
from ecrm_server.realtime import health, subscribers, views
from ecrm_server.realtime import jobs as jobs_module
from ecrm_server.realtime.channel import Channel
from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [channels_module.SELFTEST_PERMISSION]


@hookimpl
def channels() -> list[Channel]:
    return [channels_module.SELFTEST]


@hookimpl
def events() -> list[type[Event]]:
    return [channels_module.SelfTested]


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def jobs() -> list[JobKind]:
    return [jobs_module.PRUNE]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def health_checks() -> list[HealthCheck]:
    return health.CHECKS
