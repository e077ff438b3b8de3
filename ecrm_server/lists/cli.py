"""``ecrm export``: the rows of any list as a file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("kind")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--filter", "filter_", default="", metavar="JSON", help="A rule; only its rows are written.")
@click.option("--view", default="", metavar="UID", help="A stored view that is shared with everybody.")
@click.option("--columns", default="", metavar="A,B", help="Keys of columns, in this order.")
@click.option("--sort", default="", metavar="COLUMN", help="Key of a column; - before it for descending.")
@click.option("--bom", is_flag=True, help="Begin a CSV with a byte order mark, for spreadsheets that want one.")
def export(kind: str, path: Path, filter_: str, view: str, columns: str, sort: str, bom: bool) -> None:
    """Write the rows of the list KIND (such as customers.customers) to PATH: .csv or .xlsx."""
    from ecrm_server import clock
    from ecrm_server.access import SYSTEM
    from ecrm_server.errors import Refusal
    from ecrm_server.lists import export as files
    from ecrm_server.lists import stored
    from ecrm_server.lists.bound import bind
    from ecrm_server.lists.look import asked
    from ecrm_server.lists.state import State, check, read, restored

    bound = bind(kind, SYSTEM)
    base = restored(stored.get(kind, view, SYSTEM)["state"]) if view else State()
    named = {"filter": filter_, "columns": columns, "sort": sort}
    state = read({name: value for name, value in named.items() if value}, base)
    query = asked(bound, state, check(state, bound), clock.now())
    if path.suffix not in (".csv", ".xlsx"):
        raise Refusal("Give a path that ends with .csv or .xlsx.")
    if path.suffix == ".csv":
        count = files.write_csv(bound, query, path, bom=bom)
    else:
        count = files.write_xlsx(bound, query, path)
    click.echo(f"rows: {count}")
