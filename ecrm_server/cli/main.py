"""``ecrm``: run, look after and extend the server. Plugins add commands of their own."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from ecrm_server import __version__
from ecrm_server.config import is_instance
from ecrm_server.errors import EcrmError

# command -> the module of this package that holds it, imported when it is asked for: `ecrm run` must not import the
# database library before its workers are patched for gevent, and starts faster without everything else.
BUILT_IN = {
    "backup": "backup",
    "bench": "bench",
    "demo": "demo",
    "doctor": "serve",
    "init": "serve",
    "jobs": "serve",
    "migrate": "serve",
    "plugin": "plugin",
    "restore": "backup",
    "run": "serve",
}


class EcrmGroup(click.Group):
    """The built-in commands, and those of core domains and enabled plugins once an instance can be opened."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in BUILT_IN:
            return built_in(cmd_name)
        folder = _folder(ctx)
        if not is_instance(folder):
            raise click.ClickException(
                f"There is no site in {folder} yet. Run 'ecrm init' first, or name its folder with --instance."
            )
        return contributed(ctx).get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*BUILT_IN, *(contributed(ctx) if is_instance(_folder(ctx)) else ())})


def _folder(ctx: click.Context) -> Path:
    return Path(ctx.params.get("instance") or "instance").absolute()


def built_in(name: str) -> click.Command:
    """A command of the server itself."""
    module = importlib.import_module(f"ecrm_server.cli.{BUILT_IN[name]}")
    found: click.Command = next(command for command in module.commands if command.name == name)
    return found


def contributed(ctx: click.Context) -> dict[str, click.Command]:
    """Commands that parts declare; ``command.ecrm_group = "import"`` puts one into a group."""
    found: dict[str, click.Command] | None = ctx.obj
    if found is None:
        found = ctx.obj = {}
        for command in _declared_commands():
            group_name = getattr(command, "ecrm_group", None)
            if group_name is None:
                found[command.name or ""] = command
                continue
            group = found.setdefault(group_name, click.Group(group_name, help=_GROUP_HELP.get(group_name)))
            assert isinstance(group, click.Group)
            group.add_command(command)
    return found


_GROUP_HELP = {
    "import": "Import data: what was done is counted, errors name file and row, twice changes nothing.",
}


def _declared_commands() -> list[click.Command]:
    from ecrm_server.cli.context import open_site

    with open_site() as site:
        from ecrm_server.importing.cli import command
        from ecrm_server.kernel import current

        del site
        registry = current.generation().registry
        return [*registry.commands, *(command(kind) for kind in registry.imports.values())]


@click.group(
    cls=EcrmGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="ecrm")
@click.option(
    "--instance",
    envvar="ECRM_INSTANCE",
    metavar="FOLDER",
    help="Folder with settings, database and uploads. Default: ./instance",
)
def ecrm(instance: str | None) -> None:
    """eCRM Server: a plugin-based collaborative CRM and community server."""


def main(arguments: list[str] | None = None) -> Any:
    """Entry point of the ``ecrm`` script: one clear sentence on standard error and exit code 1 for what went wrong."""
    try:
        return ecrm.main(args=arguments, prog_name="ecrm", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except EcrmError as error:
        click.echo(f"ecrm: {error.message}", err=True)
        for field, messages in getattr(error, "errors", {}).items():
            click.echo(f"  {field}: {' '.join(messages)}", err=True)
        sys.exit(1)
