"""Is everything well? Checks of core and plugins for the health page, ``ecrm doctor`` and the metrics."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ecrm_server import __version__, clock, data
from ecrm_server.data import Prepared, database
from ecrm_server.kernel import current

log = logging.getLogger(__name__)

State = Literal["well", "attention", "broken", "not needed"]
LOW_DISK = 1_000_000_000
"""Bytes below which the disk needs attention."""

_WAITING_EVENTS = Prepared(
    "SELECT count(*) FROM (SELECT 1 FROM event WHERE delivered_at IS NULL AND at < ? LIMIT 1001) AS waiting"
)
_DEAD = Prepared(
    "SELECT count(*) FROM (SELECT 1 FROM event_delivery WHERE state = 'dead' LIMIT 1001) AS dead"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found: one sentence for an admin."""

    state: State
    detail: str
    title: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A named check; ``check()`` returns a Result and should take well under a second."""

    name: str
    title: str
    check: Callable[[], Result]


def report() -> list[Result]:
    """Run every check. One that raises counts as broken."""
    results = []
    for item in current.generation().registry.health_checks.values():
        try:
            found = item.check()
        except Exception as error:  # a broken check is a finding, not a broken page
            log.exception("health check failed", extra={"check": item.name})
            found = Result("broken", f"The check itself failed: {type(error).__name__}: {error}.")
        results.append(Result(found.state, found.detail, item.title, item.name))
    return results


def check_database() -> Result:
    """The database answers, and how fast."""
    started = time.perf_counter()
    database.execute_sql("SELECT 1").fetchone()
    milliseconds = (time.perf_counter() - started) * 1000
    engine = "PostgreSQL" if data.is_postgres() else "SQLite"
    return Result(
        "well", f"{engine} answered in {f'{milliseconds:.0f}' if milliseconds >= 1 else 'less than 1'} ms."
    )


def check_events() -> Result:
    """Events are delivered within seconds; none is a dead letter."""
    waiting = _WAITING_EVENTS.value(clock.now() - 30 * clock.SECOND)
    if waiting:
        return Result("broken", f"{waiting} events have been waiting for more than 30 seconds.")
    dead = _DEAD.value()
    if dead:
        return Result(
            "attention", f"{dead} deliveries failed for good. Look at them under Events and replay them."
        )
    return Result("well", "Everything is delivered.")


def check_disk() -> Result:
    """There is room for the database and uploads."""
    free = shutil.disk_usage(current.generation().config.instance).free
    text = f"{free / 1e9:.1f} GB are free."
    return Result("attention" if free < LOW_DISK else "well", text)


def check_redis() -> Result:
    """Redis answers where it is set; one worker alone does not need it."""
    url = current.generation().config.redis_url
    if not url:
        return Result("not needed", "One worker works without Redis.")
    import redis

    try:
        redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError as error:
        return Result("broken", f"Redis does not answer: {error}. Live updates arrive more slowly meanwhile.")
    return Result("well", "Redis answers.")


def check_plugins() -> Result:
    """Every enabled plugin works."""
    left_out = current.generation().left_out
    if left_out:
        return Result("attention", f"Not working: {', '.join(sorted(left_out))}. See the features page.")
    titles = [part.title for part in current.generation().plugins]
    return Result("well", f"On: {', '.join(titles)}." if titles else "None is enabled.")


def check_version() -> Result:
    """Which version runs."""
    return Result("well", f"eCRM Server {__version__}.")


CHECKS = [
    HealthCheck("core.version", "Version", check_version),
    HealthCheck("core.database", "Database", check_database),
    HealthCheck("core.events", "Events", check_events),
    HealthCheck("core.plugins", "Plugins", check_plugins),
    HealthCheck("core.disk", "Disk", check_disk),
    HealthCheck("core.redis", "Redis", check_redis),
]
