"""The mailbox: its job, its page, its health, and how long fingerprints of messages are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.data import Prepared
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.mailbox import health, reading, views
from ecrm_server.privacy.kind import Retention
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.web.blueprint import CoreBlueprint

_SWEEP = Prepared(
    "DELETE FROM mailbox_taken WHERE key IN (SELECT key FROM mailbox_taken WHERE at < ? ORDER BY at LIMIT ?)"
)


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def navigation() -> list[NavItem]:
    return [
        NavItem("mailbox", "Mailbox", "/admin/mailbox", "inbox", "notices.manage_mail", 63, "admin", "System")
    ]


@hookimpl
def jobs() -> list[JobKind]:
    return [JobKind(reading.READ, reading.read, "Read answers", every=60)]


@hookimpl
def health_checks() -> list[HealthCheck]:
    return health.CHECKS


@hookimpl
def retention() -> list[Retention]:
    return [
        Retention(
            table="mailbox_taken", holds="Fingerprints of mails that you answered with",
            why="No answer is stored twice.", days=90, least=60, sweep=_SWEEP.run,
        )
    ]  # fmt: skip
