"""A site of its own for a module of tests, or for a program: made once, brought back after each change."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecrm_server import config, data
from ecrm_server.data import database
from ecrm_server.kernel import current, state
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.migrate import histories, migrate
from ecrm_server.kernel.site import Site, core_histories
from tests.security.world import World


@contextmanager
def built(url: str = "") -> Iterator[World]:
    """The world of the matrix in a folder of its own, on SQLite or the (empty) database ``url``."""
    with opened(url) as site:
        world = World(site)
        try:
            yield world
        finally:
            world.close()


@contextmanager
def opened(url: str = "") -> Iterator[Site]:
    """A site with every bundled plugin in a folder of its own, on SQLite or the (empty) database ``url``."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        url = url or f"sqlite:///{instance / 'ecrm.db'}"
        data.connect(url)
        with database.connection_context():
            migrate(core_histories())
            manifests = discover(instance).manifests
            for name in sorted(manifests):
                migrate(histories([(name, manifests[name].path)]))
                state.set_enabled(name, manifests[name].version)
        values = {"testing": True, "secret_key": "test", "database_url": url, "base_url": "http://localhost"}
        site = Site(config.load(instance, environ={}, **values))
        site.connect()
        site.dispatcher.start()
        try:
            yield site
        finally:
            current.publish(None)
            database.close_all()
