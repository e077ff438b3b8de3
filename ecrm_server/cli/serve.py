"""``ecrm run``, ``init``, ``migrate``, ``doctor`` and the job process."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import click

from ecrm_server.cli.context import load_config
from ecrm_server.errors import ConfigError

NICENESS = 10
"""Jobs, and the start of their process, give way to the pages."""


@click.command()
@click.option("--host", help="Address to listen on. Default: 127.0.0.1")
@click.option("--port", type=int, help="Port. Default: 8000")
@click.option(
    "--workers", type=click.IntRange(1), default=1, help="Worker processes. More than one needs Redis."
)
@click.option(
    "--reload", is_flag=True, help="For development: restart on changes, show errors with their trace."
)
@click.option("--safe-mode", is_flag=True, help="Start with every plugin off.")
@click.option(
    "--demo", is_flag=True, help="Load the demo company and offer 'try as' buttons on this machine."
)
def run(host: str | None, port: int | None, workers: int, reload: bool, safe_mode: bool, demo: bool) -> None:
    """Serve the site."""
    overrides: dict[str, Any] = {"safe_mode": safe_mode, "demo": demo, "development": reload}
    if host:
        overrides["host"] = host
    if port:
        overrides["port"] = port
    config = load_config(**overrides)
    if workers > 1 and not config.redis_url:
        raise ConfigError(
            "More than one worker needs Redis: set REDIS_URL (or redis_url in ecrm.toml), or use --workers 1."
        )
    check_port(config.host, config.port)
    from ecrm_server.cli import server

    server.serve(config, workers=workers, reload=reload)


def check_port(host: str, port: int) -> None:
    """Raise ConfigError with one sentence when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(
                    f"Port {port} is taken by another program. Choose one with --port or PORT."
                ) from error
            raise ConfigError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


@click.command()
def init() -> None:
    """Prepare the instance folder and its database; enable the plugins a new site starts with."""
    from ecrm_server.cli.prepare import prepare

    for line in prepare(load_config()):
        click.echo(line)


@click.command()
def migrate() -> None:
    """Bring the database to this version (a backup is made first)."""
    from ecrm_server.kernel.site import Site

    site = Site(load_config())
    site.connect()
    applied = site.prepare()
    for name in applied:
        click.echo(name)
    click.echo(f"applied: {len(applied)}")


@click.command()
def doctor() -> None:
    """Check settings, database, plugins, jobs, mail and disk; exits 1 when something needs attention."""
    from ecrm_server.admin.health import report
    from ecrm_server.cli.context import open_site

    with open_site():
        results = report()
    for result in results:
        click.echo(f"{result.state:<10} {result.title}: {result.detail}")
    if any(result.state == "broken" for result in results):
        raise SystemExit(1)


@click.command(hidden=True)
@click.option("--parent", type=int, default=0, help="End when this process ends.")
@click.option("--demo", is_flag=True)
@click.option("--safe-mode", is_flag=True)
def jobs(parent: int, demo: bool, safe_mode: bool) -> None:
    """Run the job process (``ecrm run`` starts it by itself)."""
    os.nice(NICENESS)
    from ecrm_server.cli import server

    server.run_jobs(load_config(demo=demo, safe_mode=safe_mode), parent)


commands = (run, init, migrate, doctor, jobs)
