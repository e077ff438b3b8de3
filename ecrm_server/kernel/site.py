"""The process: database, first generation, courier, watcher and live server around one dispatcher."""

from __future__ import annotations

import gc
import logging
from collections import Counter

from werkzeug.test import Client

from ecrm_server import data
from ecrm_server.config import Config
from ecrm_server.data import database
from ecrm_server.errors import ConfigError, PluginError
from ecrm_server.events.delivery import Courier
from ecrm_server.kernel import current, state
from ecrm_server.kernel.breaker import Breaker
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.dispatcher import Dispatcher
from ecrm_server.kernel.migrate import History, histories, migrate
from ecrm_server.kernel.part import CORE_PARTS, core_folder
from ecrm_server.kernel.watch import Watcher
from ecrm_server.seals.sealer import Sealer

log = logging.getLogger(__name__)

GC_THRESHOLDS = (20_000, 20, 20)
"""With Python's own (700, 10, 10) a tenth of a page's time goes into looking for cycles that are not there."""


_breakers: list[Breaker] = []


def faults() -> Counter[tuple[str, str]]:
    """Faults of plugins in this process since it started: (plugin, where) -> how many."""
    return sum((breaker.counts for breaker in _breakers), Counter())


class Site:
    """One per process. ``prepare`` (once per instance) and ``open`` before anything is served."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.breaker = Breaker(state.quarantine)
        _breakers[:] = [self.breaker]
        self.dispatcher = Dispatcher(config, self.breaker.fault)
        self.courier = Courier()
        self._sealer = Sealer()
        self._watcher = Watcher(self.dispatcher)

    def connect(self) -> None:
        """Point the process at the database. Raises ConfigError with one sentence when it cannot be reached."""
        data.connect(self.config.database_url)
        try:
            with database.connection_context():
                database.execute_sql("SELECT 1")
        except Exception as error:
            raise ConfigError(
                f"The database {_shown(self.config.database_url)} cannot be opened: {error}"
            ) from error

    def prepare(self) -> list[str]:
        """Migrate core and enabled plugins, after a backup. Returns what was applied."""
        from ecrm_server.admin.backup import backup_before_migrating

        with database.connection_context():
            applied = migrate(core_histories(), before=lambda: backup_before_migrating(self.config))
            for history in self._plugin_histories():
                try:
                    applied += migrate([history], before=lambda: backup_before_migrating(self.config))
                except PluginError as error:
                    log.error("%s", error.message)
                    state.quarantine(history.part, error.message)
        return applied

    def _plugin_histories(self) -> list[History]:
        manifests = discover(self.config.instance).manifests
        active = [name for name, row in state.rows().items() if row.active and name in manifests]
        return histories((name, manifests[name].path) for name in active)

    def open(self) -> None:
        """Build the first generation.

        Before that all imports are made and their objects frozen out of the garbage collector's sight: a collection
        stops the process, for 7 ms instead of 100. What is frozen never dies, so no app may be among it.
        """
        with database.connection_context():
            self.dispatcher.rehearse()
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            self.dispatcher.start()

    def start(self) -> None:
        """Start what runs beside the requests: courier, watcher, live server. Call it after a fork, never before."""
        from ecrm_server.realtime import server

        server.setup(self)
        self.courier.start()
        self._sealer.start()
        self._watcher.start()

    def stop(self) -> None:
        """Stop what ``start`` started and close the database."""
        from ecrm_server.realtime import server

        server.drain()
        self._watcher.stop()
        self.courier.stop()
        self._sealer.stop()
        current.publish(None)
        if not database.is_closed():
            database.close()
        database.close_all()

    def refresh(self) -> None:
        """Serve the newest generation before going on (after a change of plugins, settings or roles)."""
        self.dispatcher.refresh(wait=True)

    def client(self) -> Client:
        """A test client that goes through the dispatcher."""
        return Client(self.dispatcher)


def core_histories() -> list[History]:
    """The migration histories of the core domains, in order."""
    return histories((name, core_folder(name)) for name in CORE_PARTS)


def _shown(url: str) -> str:
    """A database address without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
