"""A site on a database that vanishes afterwards, to look at what parts declare."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecrm_server import config
from ecrm_server.data import database
from ecrm_server.errors import PluginError
from ecrm_server.kernel import current, plugins
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.generation import Generation
from ecrm_server.kernel.site import Site


@contextmanager
def trial(names: Iterable[str], beside: Path | None = None) -> Iterator[Generation]:
    """A generation with these plugins, on an empty SQLite database.

    beside: a folder whose plugins are offered too, next to the bundled and installed ones.
    Raises PluginError when a plugin does not work.
    """
    with tempfile.TemporaryDirectory() as folder:
        offered = Path(folder) / "plugins"
        if beside is not None:
            offered.symlink_to(beside.resolve(), target_is_directory=True)
        site = Site(config.load(folder, environ={}))
        site.connect()
        try:
            site.prepare()
            with database.connection_context():
                for name in names:
                    plugins.enable(site.config, name)
                site.dispatcher.start()
                check(current.generation())
                yield current.generation()
        finally:
            site.stop()


def check(generation: Generation) -> None:
    """Raise PluginError when a plugin was left out."""
    for name, reason in generation.left_out.items():
        raise PluginError(f"{name}: {reason}")


def bundled_names(instance: Path) -> list[str]:
    """The plugins that come with the server."""
    found = discover(instance).manifests.values()
    return sorted(item.name for item in found if item.origin == "bundled")
