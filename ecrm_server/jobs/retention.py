"""Forgetting jobs that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.jobs.kind import JobKind
from ecrm_server.privacy.kind import Retention

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

DONE_DAYS = 3
FAILED_DAYS = 30
BATCH = 1000

_DELETE = Prepared(
    "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = ? AND finished_at < ?"
    f" ORDER BY id LIMIT {BATCH})"
)


def tidy(run: Run) -> None:
    """The job ``jobs.tidy``: delete what has been done for three days, what failed for thirty."""
    for state, days in (("done", DONE_DAYS), ("cancelled", DONE_DAYS), ("failed", FAILED_DAYS)):
        while _DELETE.run(state, clock.now() - days * clock.DAY):
            run.check()


KINDS = [JobKind("jobs.tidy", tidy, "Delete old jobs", every=86_400)]

TABLES = [
    Retention(
        table="job", holds="Work you asked for, such as an export",
        why="You see how far it is, and staff why it failed.",
        fixed=f"{DONE_DAYS} days after it was done, {FAILED_DAYS} after it failed",
    ),
]  # fmt: skip
