"""Housekeeping of the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.jobs.kind import JobKind
from ecrm_server.realtime import store

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run


def prune(run: Run) -> None:
    """Delete messages that no client will ask for any more."""
    store.prune()


PRUNE = JobKind("realtime.prune", prune, title="Delete old live messages", every=3600)
