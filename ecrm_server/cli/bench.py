"""``ecrm bench``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ecrm_server.errors import ConfigError

TABLE_WIDTH = 160


@click.command()
@click.option(
    "--case", "names", multiple=True, metavar="NAME", help="Only cases whose name begins so; repeatable."
)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures to FILE too."
)
@click.option(
    "--database", default="", metavar="URL",
    help="Maintenance database of a PostgreSQL server to measure on too. Default: the loopback one, if it answers.",
)  # fmt: skip
@click.option("--list", "only_list", is_flag=True, help="Name the cases and end.")
def bench(names: tuple[str, ...], file: Path | None, database: str, only_list: bool) -> None:
    """Measure speed and memory. Exits 1 when a limit is missed. Nothing of this instance is touched."""
    from rich.console import Console

    from ecrm_server.bench import cases, report, runner

    try:
        wanted = cases.chosen(names)
    except KeyError as error:
        raise ConfigError(f"There is no case {error}. See: ecrm bench --list") from error
    if only_list:
        for case in wanted:
            click.echo(f"{case.name:<12}{case.title}")
        return
    outcomes = []
    for outcome in runner.run(wanted, runner.postgres(database)):
        click.echo(f"{outcome.case} ({outcome.engine}): {outcome.skipped or 'done'}", err=True)
        outcomes.append(outcome)
    console = Console()
    Console(width=max(console.width, TABLE_WIDTH)).print(report.table(outcomes))
    if file is not None:
        file.write_text(json.dumps(report.document(outcomes), indent=2) + "\n", encoding="utf-8")
    if any(figure.verdict == "missed" for outcome in outcomes for figure in outcome.figures):
        raise SystemExit(1)


commands = (bench,)
