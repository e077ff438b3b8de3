"""First preparation of an instance: migrations, first plugins, demo company."""

from __future__ import annotations

from collections.abc import Iterator

from ecrm_server.admin import demo
from ecrm_server.config import Config
from ecrm_server.data import database
from ecrm_server.identity import claim
from ecrm_server.kernel import plugins, state
from ecrm_server.kernel.site import Site


def prepare(config: Config) -> Iterator[str]:
    """Migrate; on a new instance enable its first plugins; with ``demo`` load the demo company once.

    Yields a line for each thing done.
    """
    site = Site(config)
    site.connect()
    applied = site.prepare()
    if applied:
        yield f"migrations applied: {len(applied)}"
    with database.connection_context():
        if not state.rows() and not config.safe_mode:
            for name in plugins.first_plugins(config):
                plugins.enable(config, name)
                yield f"enabled: {name}"
        if config.demo and not demo.is_loaded():
            site.dispatcher.start()  # half a second of imports, which a later start does not need here
            demo.load()
            yield "demo company: loaded"
        if claim.is_wanted(config):
            yield f"Open this once to become the administrator: {claim.make_claim_link(config)}"
    database.close_all()
