"""Reloading the workers, one after the other, so that new code of a plugin is used without a failed request."""

from __future__ import annotations

import contextlib
import os
import signal

MASTER_VARIABLE = "ECRM_MASTER_PID"
"""Set by ``ecrm run`` for its workers: the process that starts and replaces them."""


def can_reload() -> bool:
    """Whether this worker runs under ``ecrm run`` (another supervisor reloads in its own way)."""
    return os.environ.get(MASTER_VARIABLE) == str(os.getppid())


def reload_workers() -> bool:
    """Ask for new workers; those there are finish their requests first. Returns whether anybody was asked."""
    if not can_reload():
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(os.getppid(), signal.SIGHUP)
    return True
