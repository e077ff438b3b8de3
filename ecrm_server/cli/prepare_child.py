"""Runs the preparation of an instance in a process of its own: ``python -m ecrm_server.cli.prepare_child FOLDER``."""

from __future__ import annotations

import sys

import click

from ecrm_server import config as config_module
from ecrm_server.cli.prepare import prepare
from ecrm_server.errors import EcrmError


def main(arguments: list[str]) -> int:
    """Prepare the instance named first; ``--demo`` and ``--safe-mode`` as in ``ecrm run``."""
    try:
        config = config_module.load(
            arguments[0], demo="--demo" in arguments, safe_mode="--safe-mode" in arguments
        )
        for line in prepare(config):
            click.echo(line)
    except EcrmError as error:
        click.echo(f"ecrm: {error.message}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
