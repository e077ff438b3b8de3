"""``ecrm backup`` and ``ecrm restore``."""

from __future__ import annotations

from pathlib import Path

import click

from ecrm_server.admin import backup as service
from ecrm_server.cli.context import load_config
from ecrm_server.kernel.site import Site


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write database, uploads and instance plugins to FILE while the server runs."""
    site = Site(load_config())
    site.connect()
    for name, number in service.backup(site.config, file).items():
        click.echo(f"{name}: {number}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Fill an empty instance from FILE."""
    site = Site(load_config())
    site.connect()
    for name, number in service.restore(site.config, file).items():
        click.echo(f"{name}: {number}")


commands = (backup, restore)
