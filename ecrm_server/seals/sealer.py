"""Sealing about once a second while there is something to seal."""

from __future__ import annotations

import logging
import threading

from ecrm_server.data import database
from ecrm_server.seals.chain import Chain
from ecrm_server.seals.services import seal_pending

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0

_wake = threading.Event()
_asked: set[Chain] = set()


def soon(chain: Chain) -> None:
    """Ask this process to seal a chain after the surrounding transaction commits.

    What a process that ends leaves unsealed is sealed with the chain's next records, or by a job.
    """
    database.after_commit(lambda: _ask(chain))


def _ask(chain: Chain) -> None:
    _asked.add(chain)
    _wake.set()


class Sealer:
    """One per process: a thread (a greenlet under gevent)."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to seal. Call it after a fork."""
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Seal what is left and end."""
        self._stop.set()
        _wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            _wake.wait()
            # One seal holds what is written within the pause; a stopping server does not wait for it.
            self._stop.wait(PAUSE_SECONDS)
            _wake.clear()
            while _asked:
                self._seal(_asked.pop())

    def _seal(self, chain: Chain) -> None:
        try:
            with database.connection_context():
                seal_pending(chain)
        except Exception:  # the database is away for a moment: what is unsealed stays marked so
            log.exception("%s could not be sealed", chain.name)
