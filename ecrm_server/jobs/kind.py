"""What a part declares so that work can run outside the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    name: ``<part>.<verb>``. work: called as ``work(run, **arguments)`` with a :class:`ecrm_server.jobs.run.Run`; it may
    run more than once for one job (at least once), so it must be idempotent. every: seconds between automatic runs,
    for recurring jobs. max_attempts: after so many failures the job stays failed until somebody starts it again.
    """

    name: str
    work: Callable[..., None]
    title: str = ""
    every: int | None = None
    max_attempts: int = 5
