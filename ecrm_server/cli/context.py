"""What every command needs: the settings, and for most of them an open site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ecrm_server import config as config_module
from ecrm_server.config import Config

if TYPE_CHECKING:
    from ecrm_server.kernel.site import Site


def load_config(**overrides: Any) -> Config:
    """The instance's settings (``--instance`` or ECRM_INSTANCE, else ``./instance``)."""
    context = click.get_current_context(silent=True)
    instance = context.find_root().params.get("instance") if context is not None else None
    return config_module.load(instance, **overrides)


@contextmanager
def open_site(**overrides: Any) -> Iterator[Site]:
    """A migrated site with its plugins, for the length of one command; no server, courier or watcher."""
    from ecrm_server.data import database
    from ecrm_server.kernel.site import Site

    site = Site(load_config(**overrides))
    site.connect()
    site.prepare()
    with database.connection_context():
        site.dispatcher.start()
        yield site
