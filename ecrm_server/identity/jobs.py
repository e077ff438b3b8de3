"""Recurring work of identity."""

from __future__ import annotations

from typing import Any

from ecrm_server.identity import search, sessions, viewing
from ecrm_server.jobs.kind import JobKind


def sweep_sessions(run: Any) -> None:
    """End views as somebody else and sessions that are over, and note when accounts were last seen."""
    viewing.end_those_over()
    sessions.sweep()


def index_people(run: Any) -> None:
    """Put everybody into the search again: sites that are older than this kind begin so, restored ones mend so."""
    run.progress(search.put_everybody())


KINDS = [
    JobKind("identity.sweep_sessions", sweep_sessions, title="Remove ended sessions", every=900),
    JobKind("identity.index_people", index_people, title="Index all people anew", every=7 * 86_400),
]
