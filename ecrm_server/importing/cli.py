"""``ecrm import KIND FILE``: tables from the command line, and undoing them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ecrm_server.access import SYSTEM
from ecrm_server.data import database
from ecrm_server.errors import EcrmError, Refusal
from ecrm_server.importing import changes, run, services, store, undo
from ecrm_server.importing.collecting import HOWS
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.csvrows import ENCODINGS, SEPARATORS
from ecrm_server.importing.failures import FailureFile
from ecrm_server.importing.kind import ImportKind
from ecrm_server.importing.notation import DATES, DECIMALS
from ecrm_server.importing.opening import open_table
from ecrm_server.importing.options import MODES, NO_KEY, UNFIT, Options, assignments, propose
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.progress import progress
from ecrm_server.importing.table import NAMES, Checked, TableImport
from ecrm_server.importing.unpacking import plain_name

_PATH: Any = click.Path(path_type=Path, dir_okay=False)

_OPTIONS = (
    click.argument("file", type=_PATH),
    click.option("--dry-run", is_flag=True, help="Check everything, write nothing, say what would happen."),
    click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Which field a column fills."),
    click.option("--key", default="", metavar="FIELD", help="The field that finds what is there already."),
    click.option("--mode", type=click.Choice(MODES), default="both", show_default=True, help="Create, update or both."),
    click.option("--together", is_flag=True, help="Rows that repeat the key are parts of one record."),
    click.option("--collect", "collects", multiple=True, metavar="COLUMN=HOW",
                 help=f"How a record's value comes from its rows: {', '.join(HOWS)}. Default: first."),
    click.option("--no-key", type=click.Choice(NO_KEY), default="fail", show_default=True, help="Rows without a key."),
    click.option("--unfit", "unfits", multiple=True, metavar="COLUMN=WHAT",
                 help=f"What becomes of cells that do not fit: {', '.join(UNFIT)}. Default: the row fails."),
    click.option("--keep-good", is_flag=True, help="Import the good rows when others are bad."),
    click.option("--error-file", type=_PATH, help="Where failed rows go. Default: FILE-failed.csv or .xlsx here."),
    click.option("--encoding", type=click.Choice(list(ENCODINGS)), default="auto", show_default=True),
    click.option("--separator", type=click.Choice(list(SEPARATORS)), default="auto", show_default=True),
    click.option("--sheet", default="", metavar="NAME", help="Of an XLSX file. Default: the first."),
    click.option("--dates", type=click.Choice(DATES), default="auto", show_default=True, help="What 03/04 means."),
    click.option("--decimals", type=click.Choice(DECIMALS), default="auto", show_default=True, help="What parts them."),
    click.option("--zone", default="UTC", show_default=True, help="The time zone of times that name none."),
    click.option("--template", default="", metavar="NAME", help="A mapping kept in the administration."),
)  # fmt: skip


_HELP = (
    "Everything is checked before anything is written. An import that was interrupted goes on when it is started again;"
    " done twice it changes nothing, and what was edited here is kept."
)


class _TableCommand(click.Command):
    """Its help ends with the fields, which are asked for only then: admins add some."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        kind: ImportKind = self.ecrm_kind  # type: ignore[attr-defined]
        with database.connection_context(), formatter.section(f"Fields (found by {' or '.join((*kind.keys, 'uid'))})"):
            formatter.write_dl([(item.name, f"{item.title} ({item.type})") for item in kind.fields()])


def command(kind: ImportKind) -> click.Command:
    """The command that imports a kind."""

    def callback(file: Path, dry_run: bool, error_file: Path | None, **options: Any) -> None:
        with database.connection_context():
            _import(kind, file, _options(kind, file, options), dry_run, error_file)

    for decorate in reversed(_OPTIONS):
        callback = decorate(callback)
    about = f"Import {kind.title.lower()} from FILE: CSV (also .gz, .xz and .bz2) or XLSX. {kind.help}\n\n{_HELP}"
    made: click.Command = click.command(kind.name, cls=_TableCommand, help=about)(callback)
    made.ecrm_kind = kind  # type: ignore[attr-defined]
    made.ecrm_group = "import"  # type: ignore[attr-defined]
    return made


def _options(kind: ImportKind, file: Path, given: Mapping[str, Any]) -> Options:
    """What the command line says, on top of the template; columns that nobody named are matched by their names."""
    template = given["template"]
    base = services.template(kind.name, template).as_dict() if template else {}
    chosen = {name: value for name, value in given.items() if name != "template" and _is_said(name)}
    options = Options.of({**base, **{name: given[name] for name in given if name not in base}, **chosen})
    mapping = dict(options.mapping)
    if not mapping:
        mapping = propose(open_table(file, file.name, options).header, list(kind.fields()))
    for column, field in assignments(given["maps"]).items():
        mapping = {known: target for known, target in mapping.items() if target != field}
        mapping[column] = field
    collect = {**options.collect, **assignments(given["collects"], "collect", "HOW")}
    unfit = {**options.unfit, **assignments(given["unfits"], "unfit", "WHAT")}
    mapping = {column: field for column, field in mapping.items() if field}
    return Options.of({**options.as_dict(), "mapping": mapping, "collect": collect, "unfit": unfit})


def _is_said(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _import(kind: ImportKind, file: Path, options: Options, dry_run: bool, error_file: Path | None) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="ecrm-import-") as folder,
        TableImport(kind, file, file.name, options, SYSTEM) as table,
        progress() as shown,
    ):
        with table.failure_file(Path(folder), csv=error_file is not None and error_file.suffix == ".csv") as failures:
            target = error_file or Path(f"{Path(plain_name(file.name)).stem}-failed{failures.ending}")
            checked = table.check(failures, shown)
            if not dry_run:
                _refuse(table, checked, failures, target)
                going = _begin(table, file, checked)
                counts = run.carry_out(going, [table.phase(going.id, checked)], shown)
                for number, about in changes.failed(going.id):
                    failures.add(number, about["cells"], [about["reason"]])
        _deliver(failures, target)
    if dry_run:
        _dry(checked, counts=checked.counts)
        return
    _remark(checked)
    _say(counts)
    click.echo(f"import: {store.by_id(going.id)['uid']}")


def _refuse(table: TableImport, checked: Checked, failures: FailureFile, target: Path) -> None:
    try:
        checked.refuse(table.name, table.options.keep_good)
    except InputError:
        _say(checked.counts)
        click.echo("Nothing was written.", err=True)
        failures.close()
        _deliver(failures, target)
        raise


def _begin(table: TableImport, file: Path, checked: Checked) -> run.Run:
    digest = run.digest_of([file], json.dumps(table.options.as_dict(), sort_keys=True))
    going = run.begin(table.kind.name, table.name[:200], file.resolve(), digest, NAMES)
    if going.resumed:
        click.echo("An interrupted import of the same file goes on where it stopped.", err=True)
    store.describe(going.id, table.options, checked.counts["read"])
    return going


def _deliver(failures: FailureFile, target: Path) -> None:
    if not failures.rows:
        return
    try:
        target.write_bytes(failures.path.read_bytes())
    except OSError as error:
        raise EcrmError(f"The error file {target} cannot be written: {error.strerror}.") from error
    click.echo(f"The failed rows are in {target}. Correct them there and import that file.", err=True)


def _dry(checked: Checked, counts: Counts) -> None:
    for problem in checked.problems[:20]:
        click.echo(problem.sentence(), err=True)
    for sentence in checked.unclear:
        click.echo(sentence, err=True)
    _remark(checked)
    _say(counts)
    click.echo("Nothing was written (dry run).", err=True)


def _remark(checked: Checked) -> None:
    sentences = checked.remarks.sentences()
    for sentence in sentences[:20]:
        click.echo(sentence, err=True)
    if len(sentences) > 20:
        click.echo("There is more of this kind: see the counts.", err=True)


def _say(counts: Counts) -> None:
    for line in counts.lines():
        click.echo(line)


@click.command("undo")
@click.argument("uid", metavar="IMPORT")
@click.option("--rest", is_flag=True, help="Undo what can be undone when some of it cannot.")
def undo_command(uid: str, rest: bool) -> None:
    """Undo a whole import: IMPORT is what its last line said. What was edited since makes it refuse, with the list."""
    with database.connection_context(), progress() as shown:
        row = store.get(uid)
        kind = services.kind_of(row)
        services.check_undoable(row)
        going = undo.Undo(kind, row["id"], SYSTEM)
        plan = going.plan()
        for item in plan.refusals:
            click.echo(f"{item.label}: {item.reason}", err=True)
        if plan.refusals and not rest:
            raise Refusal(f"Nothing was undone: {plan.counts['kept']} were changed since. Undo the others with --rest.")
        services.begin_undo(row, "")
        total = plan.total
        counts = run.carry_out(store.run_of(store.get(uid), undo.NAMES), [going.phase(total)], shown, "undone")
    _say(Counts({name: counts[name] for name in undo.NAMES}))


undo_command.ecrm_group = "import"  # type: ignore[attr-defined]
