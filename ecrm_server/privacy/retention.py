"""Keeping the periods: each night every table loses what is over, in steps, and what was done is written down."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.jobs.run import Stopped
from ecrm_server.jobs.services import enqueue
from ecrm_server.kernel import current
from ecrm_server.privacy.kind import Retention
from ecrm_server.settings.store import setting

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

log = logging.getLogger(__name__)

JOB = "privacy.retention"
BATCH = 500
"""Rows in one transaction: others write between two of them."""

_NOTE = Prepared("INSERT INTO retention_run (name, days, at, removed, error) VALUES (?, ?, ?, ?, ?)")
_LAST = Prepared(
    "SELECT name, days, at, removed, error FROM retention_run"
    " WHERE id IN (SELECT MAX(id) FROM retention_run GROUP BY name)"
)
_FORGET = Prepared(
    "DELETE FROM retention_run WHERE id IN (SELECT id FROM retention_run WHERE at < ? ORDER BY id LIMIT ?)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A table as the administration shows it. ``last``: days, at, removed and error of the newest run."""

    part: str
    rule: Retention
    days: int | None
    last: dict[str, Any] | None


def overview() -> list[Kept]:
    """Every declared table, by part."""
    registry = current.generation().registry
    last = {row["name"]: row for row in _LAST.rows()}
    found = [
        Kept(registry.owner[f"retention {table}"], rule, period(rule), last.get(table))
        for table, rule in registry.retention.items()
    ]
    return sorted(found, key=lambda kept: (kept.part, kept.rule.table))


def period(rule: Retention) -> int | None:
    """The days that are in force; None for a table that is kept otherwise."""
    return None if rule.days is None else int(setting(rule.setting))


def keep(run: Run) -> None:
    """The job ``privacy.retention``: keep every period. A part that fails does not keep the others from forgetting."""
    rules = [rule for rule in current.generation().registry.retention.values() if rule.sweep is not None]
    for number, rule in enumerate(rules):
        run.progress(number, len(rules), rule.table)
        keep_one(rule, run)
    run.progress(len(rules), len(rules))


def keep_one(rule: Retention, run: Run | None = None) -> int:
    """Let one table lose what is over, and write down how much that was. Returns it."""
    days = period(rule)
    assert days is not None
    before, removed, problem = clock.now() - days * clock.DAY, 0, ""
    try:
        while gone := _step(rule, before):
            removed += gone
            if run is not None:
                run.check()
    except Stopped:
        raise
    except Exception as error:  # written down and shown to the admin; the next table has its turn
        log.exception("the period of %s could not be kept", rule.table)
        problem = f"{type(error).__name__}: {error}"[:500]
    finally:
        # Also when the job is stopped: what was deleted is deleted.
        _NOTE.run(rule.table, days, clock.now(), removed, problem)
    return removed


def _step(rule: Retention, before: int) -> int:
    assert rule.sweep is not None
    with transaction():
        return rule.sweep(before, BATCH)


def keep_now(actor: Actor) -> None:
    """Ask for the job at once instead of tonight."""
    with transaction():
        enqueue(JOB, created_by=actor.account_id, unique=True)
        record("privacy.retention_asked", actor=actor)


def forget_runs(before: int, limit: int) -> int:
    """Delete old rows of what was done."""
    return _FORGET.run(before, limit)
