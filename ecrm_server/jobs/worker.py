"""The job process: huey's consumer around our own sweeper, without huey's signal handlers."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from huey.consumer import BaseProcess, Consumer

from ecrm_server.data import database
from ecrm_server.jobs import execute
from ecrm_server.jobs.queue import queue
from ecrm_server.jobs.run import stopping
from ecrm_server.jobs.sweeper import Sweeper
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.kernel.site import Site

log = logging.getLogger(__name__)

WORKERS = 2
GRACE_SECONDS = 8
"""How long jobs in hand may go on after the process was asked to end."""
SWEEP_SECONDS = 0.5


class _Idle(BaseProcess):
    """Stands where huey's scheduler would: our times are in the rows, so there is nothing to schedule."""

    process_name = "Idle"

    def __init__(self, huey: Any, stop_flag: Any, interval: int, periodic: bool) -> None:
        super().__init__(huey, stop_flag)

    def loop(self, now: Any = None) -> None:
        self.stop_flag.wait()


class _Consumer(Consumer):
    scheduler_class = _Idle

    def _set_signal_handlers(self) -> None:
        """The command line owns the signals."""


def run_worker(site: Site, stop_event: threading.Event) -> None:
    """Run jobs until ``stop_event`` is set or the parent process is gone; then end within ten seconds.

    The site is connected and open. Jobs that are not done by then are handed out again.
    """
    parent = os.getppid()
    which = queue()
    sweeper = Sweeper(which)
    stopping.clear()
    execute.refresh_with(site.refresh)
    consumer = _Consumer(
        which.huey,
        workers=WORKERS,
        periodic=False,
        initial_delay=0.05,
        max_delay=0.25,
        check_worker_health=False,
        shutdown_timeout=GRACE_SECONDS,
    )
    consumer.start()
    log.info("jobs started", extra={"workers": WORKERS})
    while not stop_event.wait(SWEEP_SECONDS) and os.getppid() == parent:
        _sweep(site, sweeper)
    stopping.set()
    consumer.stop(graceful=True)
    with database.connection_context():
        for uid in execute.running_here():
            execute.give_back(uid)
    log.info("jobs stopped")


def _sweep(site: Site, sweeper: Sweeper) -> None:
    try:
        with database.connection_context():
            site.refresh()
            generation = current.generation()
            with current.serving(generation):
                sweeper.sweep(generation)
    except Exception:  # the database may be away for a moment; the jobs wait in it
        log.exception("the sweeper failed; it tries again")
