"""Recurring work of identity."""

from __future__ import annotations

from typing import Any

from ecrm_server.identity import sessions
from ecrm_server.jobs.kind import JobKind


def sweep_sessions(run: Any) -> None:
    """Delete sessions that are over and note when accounts were last seen."""
    sessions.sweep()


KINDS = [JobKind("identity.sweep_sessions", sweep_sessions, title="Remove ended sessions", every=900)]
