"""Commands of the forums."""

from __future__ import annotations

from pathlib import Path

import click

from ecrm_server.api import database
from ecrm_server.api import import_toolkit as tk


@click.command("stackexchange")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--dry-run", is_flag=True, help="Read and check everything, write nothing, say what would happen."
)
@click.option(
    "--site-url", default="", metavar="URL", help="The site the dump is from. Default: by the folder's name."
)
@click.option(
    "--category", default="", metavar="NAME", help="Where the topics go. Default: named after the site."
)
@click.option(
    "--error-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all problems to this CSV file.",
)
def stackexchange(
    directory: Path, dry_run: bool, site_url: str, category: str, error_file: Path | None
) -> None:
    """Import the public dump of a Stack Exchange site: DIRECTORY holds Posts.xml, Users.xml and so on.

    Everything is checked before anything is written. An import that was interrupted goes on when it is started
    again; done twice it changes nothing, and posts edited here are kept. Nobody is mailed.
    """
    from .importer.stackexchange import Options, run

    options = Options(directory, site_url, category, dry_run, error_file)
    with database.connection_context(), tk.progress() as shown:
        counts = run(options, shown, lambda sentence: click.echo(sentence, err=True))
    for line in counts.lines():
        click.echo(line)
    click.echo("Nothing was written (dry run)." if dry_run else "Look at it at /forums", err=True)


stackexchange.ecrm_group = "import"  # type: ignore[attr-defined]
COMMANDS = [stackexchange]
