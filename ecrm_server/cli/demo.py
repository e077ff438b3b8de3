"""``ecrm demo load`` and ``ecrm demo remove``."""

from __future__ import annotations

import click

from ecrm_server.cli.context import open_site


@click.group()
def demo() -> None:
    """The demo company: invented content, labelled as such."""


@demo.command()
def load() -> None:
    """Load the demo company into this instance."""
    from ecrm_server.admin import demo as service

    with open_site():
        click.echo("loaded: 1" if service.load() else "loaded: 0 (it was there already)")


@demo.command()
def remove() -> None:
    """Remove the demo company; what members wrote in it stays."""
    from ecrm_server.access import SYSTEM
    from ecrm_server.admin import services

    with open_site():
        services.remove_demo(SYSTEM)
    click.echo("removed: 1")


commands = (demo,)
