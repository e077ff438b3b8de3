"""``ecrm plugin``: list, new, install, enable, disable, purge, test, bisect."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import click

from ecrm_server.access import SYSTEM
from ecrm_server.admin import services
from ecrm_server.cli.context import load_config, open_site
from ecrm_server.errors import PluginError, Refusal
from ecrm_server.kernel import current, plugins, state


@click.group("plugin")
def group() -> None:
    """Look after plugins. A running server follows within half a second."""


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_plugins(as_json: bool) -> None:
    """List every plugin with its state, and folders whose manifest keeps them from being one with the reason."""
    with open_site() as site:
        rows = plugins.overview(site.config)
        left_out = current.generation().left_out
        unreadable = current.generation().discovered.broken
    if as_json:
        click.echo(plugins.to_json(rows, unreadable))
        return
    for row in rows:
        item = row["manifest"]
        word = (
            "off"
            if not row["enabled"]
            else "broken"
            if item.name in left_out
            else "quarantined"
            if row["quarantined"]
            else "on"
        )
        click.echo(f"{word:<12}{item.name:<20}{item.version:<10}{item.origin:<10}{item.title}")
        if left_out.get(item.name) or row["problem"]:
            click.echo(f"{'':<12}{(left_out.get(item.name) or row['problem']).splitlines()[0]}")
    for name, reason in sorted(unreadable.items()):
        click.echo(f"{'unreadable':<12}{name}")
        click.echo(f"{'':<12}{reason.splitlines()[0]}")


@group.command()
@click.argument("name")
def enable(name: str) -> None:
    """Switch a plugin on, with what it needs."""
    with open_site() as site:
        services.enable(SYSTEM, name)
        site.refresh()
        reason = current.generation().left_out.get(name)
    if reason:
        raise PluginError(f"{name} is switched on but does not work: {reason}")
    click.echo(f"{name}: on")


@group.command()
@click.argument("name")
def disable(name: str) -> None:
    """Switch a plugin off; its data stays."""
    with open_site():
        services.disable(SYSTEM, name)
    click.echo(f"{name}: off")


@group.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(name: str, yes: bool) -> None:
    """Export a disabled plugin's data, then delete it."""
    if not yes and click.prompt(f"Type {name} to delete its data") != name:
        raise Refusal("Nothing was deleted.")
    with open_site() as site:
        archive = site.config.instance / "exports" / services.purge(SYSTEM, name)
    click.echo(f"{name}: purged, its data is in {archive}")


@group.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def install(source: Path) -> None:
    """Copy a plugin's folder or zip archive into the instance (enable it afterwards)."""
    with open_site() as site:
        item = plugins.install(site.config, source)
    click.echo(f"{item.name}: installed. Enable it with: ecrm plugin enable {item.name}")


@group.command()
@click.argument("name")
@click.option("--title", default="", help="Name in the menu; made of NAME when left out.")
@click.option(
    "--into", type=click.Path(path_type=Path), help="Folder to make it in. Default: the instance's plugins."
)
def new(name: str, title: str, into: Path | None) -> None:
    """Make a small working plugin to start from."""
    from ecrm_server.cli.new_plugin import create

    config = load_config()
    folder = create(config, name, title=title, into=into)
    click.echo(f"{name}: made in {folder}")
    if into is None:
        click.echo(f"Enable it with: ecrm plugin enable {name}")


@group.command("test")
@click.argument("name")
@click.argument("arguments", nargs=-1)
@click.option("--quality", is_flag=True, help="Judge it by the quality scale instead of running its tests.")
def run_tests(name: str, arguments: tuple[str, ...], quality: bool) -> None:
    """Run the tests that a plugin brings (pytest, with the server's fixtures)."""
    from ecrm_server.cli import plugin_tests
    from ecrm_server.cli import quality as scale

    manifest = plugins.find(load_config(), name)
    kept = scale.run(manifest) if quality else plugin_tests.run(manifest, arguments)
    raise SystemExit(0 if kept else 1)


@group.command()
@click.argument("command", nargs=-1, required=True)
def bisect(command: tuple[str, ...]) -> None:
    """Find the plugin at fault. COMMAND (after --) must exit non-zero while the fault is there.

    Example: ecrm plugin bisect -- curl -fsS http://localhost:8000/forums/
    """
    with open_site():
        before = [row.name for row in state.rows().values() if row.active]
        try:
            culprit = find_culprit(before, lambda names: _fails_with(names, command))
        finally:
            _only(before)
    click.echo(
        f"culprit: {culprit}"
        if culprit
        else "culprit: none, it fails with every plugin off too or not at all"
    )


def find_culprit(names: list[str], fails: Callable[[list[str]], bool]) -> str | None:
    """Halve the suspects until one is left. ``fails(names)`` tells whether the fault is there with these enabled."""
    if not fails(names) or fails([]):
        return None
    suspects = list(names)
    innocent: list[str] = []
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        if fails(innocent + half):
            suspects = half
        else:
            innocent, suspects = innocent + half, suspects[len(half) :]
    return suspects[0]


def _fails_with(names: list[str], command: tuple[str, ...]) -> bool:
    _only(names)
    click.echo(f"trying with: {', '.join(names) or 'no plugin'}")
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) != 0


def _only(names: list[str]) -> None:
    for row in state.rows().values():
        if row.name in names and not row.active:
            state.set_enabled(row.name, row.version)
        elif row.name not in names and row.enabled:
            state.set_disabled(row.name)
    time.sleep(1.5)  # a running server looks twice a second


commands = (group,)
