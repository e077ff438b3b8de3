"""Imports of tables in the administration: uploading, mapping, checking, carrying out, undoing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity.actors import of_account
from ecrm_server.importing import changes, run, store, undo
from ecrm_server.importing.kind import UID, Field, ImportKind
from ecrm_server.importing.opening import ENDINGS, open_table
from ecrm_server.importing.options import WHY, Options, propose, settled
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.table import NAMES, PREVIEWED, TableImport
from ecrm_server.jobs.services import enqueue
from ecrm_server.jobs.services import get as job_of
from ecrm_server.kernel import current
from ecrm_server.settings.store import setting
from ecrm_server.storage.documents import clean_name

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run as JobRun

RUN = "importing.run"
KEPT_DAYS = 90
"""Days that files and former values are kept; so long an import can be undone."""

_TEMPLATES = Prepared("SELECT uid, name, options FROM import_template WHERE kind = ? ORDER BY name")
_TEMPLATE = Prepared("SELECT options FROM import_template WHERE kind = ? AND name = ?")
_KEEP_TEMPLATE = Prepared(
    "INSERT INTO import_template (uid, kind, name, options, account_id, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, name) DO UPDATE SET options = excluded.options, account_id = excluded.account_id"
)
_DROP_TEMPLATE = Prepared("DELETE FROM import_template WHERE kind = ? AND uid = ?")


def kinds(actor: Actor) -> list[ImportKind]:
    """The kinds that the actor may import, by title."""
    known = current.generation().registry.imports.values()
    return sorted((kind for kind in known if actor.may(kind.permission)), key=lambda kind: kind.title)


def kind_of(row: dict[str, Any]) -> ImportKind:
    """The kind of an import. Raises Refusal while its part is off."""
    kind = current.generation().registry.imports.get(row["kind"])
    if kind is None:
        raise Refusal(f"The feature that imports {row['kind']} is switched off.")
    return kind


def get(actor: Actor, uid: str) -> dict[str, Any]:
    """One import that the actor may see. Raises NotFound."""
    row = store.get(uid)
    kind = current.generation().registry.imports.get(row["kind"])
    if kind is None or not actor.may(kind.permission):
        raise NotFound()
    row["title"] = kind.title
    row["job_row"] = _job(row)
    row["stalled"] = row["state"] in ("checking", "running", "undoing") and (
        row["job_row"] is None or row["job_row"]["state"] in ("failed", "cancelled")
    )
    row["fault"] = _fault(row["job_row"])
    row["may_undo"] = _why_not_undo(row) == ""
    return row


def _fault(job: dict[str, Any] | None) -> str:
    """Why a job failed: its sentence, where it was refused, else the last line of what was logged."""
    last = ((job or {}).get("error") or "").strip().splitlines()[-1:]
    return "".join(last).removeprefix(f"{Refusal.__module__}.{Refusal.__name__}: ")


def _job(row: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return job_of(row["job"]) if row["job"] else None
    except NotFound:
        return None


def page(actor: Actor, before: int) -> tuple[list[dict[str, Any]], int | None]:
    """The imports of the kinds that the actor may import, newest first."""
    titles = {kind.name: kind.title for kind in kinds(actor)}
    rows, following = store.page(list(titles), before)
    for row in rows:
        row["title"] = titles[row["kind"]]
    return rows, following


def upload(actor: Actor, kind_name: str, name: str, stream: BinaryIO) -> str:
    """Keep a file that is to be imported; returns the uid of its import. Raises Refusal for a file that cannot be."""
    kind = next((kind for kind in kinds(actor) if kind.name == kind_name), None)
    if kind is None:
        raise Refusal("Choose what the file holds.", field="kind")
    shown = clean_name(name)
    ending = next((ending for ending in ENDINGS if shown.lower().endswith(ending)), None)
    if ending is None:
        raise Refusal("Choose a CSV file (it may be packed with gzip, xz or bzip2) or an XLSX file.", field="file")
    key = store.keep(stream, ending.rpartition(".")[2])
    try:
        with store.local_copy(key) as path:
            options = _first_options(kind, path, shown)
    except InputError as error:
        store.drop(key)
        raise Refusal(error.message, field="file") from error
    except BaseException:
        store.drop(key)
        raise
    with transaction():
        uid = store.add_draft(kind.name, shown, key, options, actor.account_id)
        record("importing.uploaded", actor=actor, obj_kind="import", obj_uid=uid, note=f"{kind.name}: {shown}")
    return uid


def _first_options(kind: ImportKind, path: Path, name: str) -> Options:
    """What the form of a new import begins with. Windows-1252 is offered where the file's beginning is no UTF-8."""
    options = Options(zone=str(setting("importing.zone")))
    try:
        table = open_table(path, name, options)
        sound = not any(fault for _, _, fault in islice(table.rows(), PREVIEWED))
    except InputError:
        sound = False
    if not sound:
        with suppress(InputError):
            other = replace(options, encoding="windows-1252")
            if not any(fault for _, _, fault in islice(open_table(path, name, other).rows(), PREVIEWED)):
                options = other
    return replace(options, mapping=propose(open_table(path, name, options).header, list(kind.fields())))


def fields_of(kind: ImportKind) -> list[Field]:
    """The fields that a column can fill, the public id last."""
    return [*kind.fields(), Field(UID, "Id here")]


def sample(row: dict[str, Any], options: Options | None = None) -> dict[str, Any]:
    """``header`` and the first ``rows`` of the file (cells as they are), read as the options say. Raises InputError."""
    options = options or Options.of(row["options"])
    with store.local_copy(row["file"]) as path:
        table = open_table(path, row["name"], options)
        rows = [cells for _, cells, _ in islice(table.rows(), PREVIEWED)]
    return {"header": [name for name in table.header if name != WHY], "rows": rows}


def save_options(actor: Actor, row: dict[str, Any], options: Options) -> None:
    """Set how the file is to be imported, and check it in a job. Raises Refusal and InputError."""
    kind = kind_of(row)
    with store.local_copy(row["file"]) as path:
        header = open_table(path, row["name"], options).header
    options = settled(options, kind, list(kind.fields()), header)
    with transaction():
        store.save_options(row, options)
        _hand_over(actor, {**row, "state": "draft"}, "checking")


def may_start(row: dict[str, Any]) -> bool:
    """Whether a checked import can be carried out."""
    found = row["report"]
    bad = found.get("unclear") or (found.get("problems") and not row["options"].get("keep_good"))
    return row["state"] == "checked" and not bad


def start(actor: Actor, row: dict[str, Any]) -> None:
    """Carry a checked import out, in a job. Raises Refusal when what was found forbids it."""
    if not may_start(row):
        raise Refusal("This import cannot start: correct the file or choose to import the good rows only.")
    with transaction():
        _hand_over(actor, row, "running")
        record("importing.started", actor=actor, obj_kind="import", obj_uid=row["uid"])


def go_on(actor: Actor, row: dict[str, Any]) -> None:
    """Go on with an import whose job was stopped or failed. Raises Refusal when it was not."""
    if not row["stalled"]:
        raise Refusal("This import goes on by itself.")
    with transaction():
        _hand_over(actor, row, row["state"])


def start_undo(actor: Actor, row: dict[str, Any], rest: bool) -> None:
    """Undo an import in a job. rest: also when some of it cannot be undone. Raises Refusal."""
    check_undoable(row)
    with transaction():
        job = enqueue("importing.undo", created_by=actor.account_id, uid=row["uid"], rest=rest)
        begin_undo(row, job)
        record("importing.undone", actor=actor, obj_kind="import", obj_uid=row["uid"])


def begin_undo(row: dict[str, Any], job: str) -> None:
    """Set the checkpoint back and let the run count as one that is being undone."""
    with transaction():
        store.move(row, "undoing", job)
        store.start_over(row)


def check_undoable(row: dict[str, Any]) -> None:
    """Raise Refusal when an import cannot be undone at all."""
    why = _why_not_undo(row)
    if why:
        raise Refusal(why)


def _why_not_undo(row: dict[str, Any]) -> str:
    if row["state"] == "running" and row.get("stalled"):
        return ""
    if row["state"] != "finished" or not row["options"]:
        return "Only an import of a table that is finished can be undone."
    if clock.now() - row["finished_at"] > KEPT_DAYS * clock.DAY:
        return f"What was before is kept for {KEPT_DAYS} days; this import is older."
    return ""


def discard(actor: Actor, row: dict[str, Any]) -> None:
    """Forget an import that has not begun."""
    with transaction():
        store.discard(row)
        record("importing.discarded", actor=actor, obj_kind="import", obj_uid=row["uid"])


def templates(kind: str) -> list[dict[str, Any]]:
    """The mappings kept for a kind: uid, name, options."""
    return [{**row, "options": json.loads(row["options"])} for row in _TEMPLATES.rows(kind)]


def template(kind: str, name: str) -> Options:
    """The mapping kept under a name. Raises Refusal."""
    found = _TEMPLATE.value(kind, name)
    if found is None:
        raise Refusal(f"There is no template '{name[:80]}' for {kind}.", field="template")
    return Options.of(json.loads(found))


def keep_template(actor: Actor, kind: str, name: str, options: Options) -> None:
    """Keep a mapping under a name, in place of another of that name. Raises Refusal."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise Refusal("The name of a template has 1 to 80 characters.", field="template_name")
    kept = json.dumps(options.as_dict(), ensure_ascii=False)
    _KEEP_TEMPLATE.run(ids.public_id(), kind, name, kept, actor.account_id, clock.now())


def drop_template(actor: Actor, kind: str, uid: str) -> None:
    """Forget a mapping. Raises NotFound for a kind that the actor may not import."""
    if kind not in {known.name for known in kinds(actor)} or not _DROP_TEMPLATE.run(kind, uid):
        raise NotFound()


def _hand_over(actor: Actor, row: dict[str, Any], state: str) -> None:
    job = {"checking": "importing.check", "running": "importing.carry_out", "undoing": "importing.undo"}[state]
    # An undoing that had not begun to write looks again; only one that had goes on with the rest.
    arguments = {"rest": bool(row["phase"])} if state == "undoing" else {}
    store.move(row, state, enqueue(job, created_by=actor.account_id, uid=row["uid"], **arguments))


class _JobProgress(Progress):
    """Tells a job's row how far an import is, and stops where somebody asked for it."""

    def __init__(self, job: JobRun, total: int | None = None) -> None:
        super().__init__()
        self._job, self._total, self._done = job, total, 0

    def start(self, name: str, total: int | None, done: int = 0) -> None:
        self._total, self._done = total or self._total, done

    def advance(self, rows: int) -> None:
        self._done += rows
        self._job.progress(self._done, self._total)
        self._job.check()


@contextmanager
def _opened(row: dict[str, Any]) -> Iterator[tuple[TableImport, Path]]:
    """The import of a row, and a folder for its error file."""
    actor = of_account(row["account_id"]) if row["account_id"] is not None else None
    kind = kind_of(row)
    if actor is None or not actor.may(kind.permission):
        raise Refusal("Whoever began this import may no longer do so.")
    with (
        store.local_copy(row["file"]) as path,
        tempfile.TemporaryDirectory(prefix="ecrm-import-") as folder,
        TableImport(kind, path, row["name"], Options.of(row["options"]), actor) as table,
    ):
        yield table, Path(folder)


def check_file(job: JobRun, uid: str) -> None:
    """The job ``importing.check``: the first pass."""
    row = store.get(uid)
    if row["state"] != "checking":
        return
    try:
        with _opened(row) as (table, folder):
            with table.failure_file(folder) as failures:
                checked = table.check(failures, _JobProgress(job))
            store.keep_errors(row, failures.path if failures.rows else None)
    except InputError as error:
        store.report(row, "checked", {"unclear": [error.message]}, None)
        return
    found = {
        "counts": checked.counts,
        "unclear": checked.unclear,
        "problems": [{"row": problem.row, "text": problem.text} for problem in checked.problems],
        "preview": checked.preview,
        "remarks": checked.remarks.sentences(),
    }
    store.report(row, "checked", found, checked.counts["read"])


def carry_out(job: JobRun, uid: str) -> None:
    """The job ``importing.carry_out``: both passes, from the checkpoint on."""
    row = store.get(uid)
    if row["state"] != "running":
        return
    with _opened(row) as (table, folder):
        with table.failure_file(folder) as failures:
            checked = table.check(failures, _Quiet(job))
            checked.refuse(table.name, table.options.keep_good)
            going = store.run_of(row, NAMES)
            run.carry_out(going, [table.phase(going.id, checked)], _JobProgress(job, row["total"]))
            for number, about in changes.failed(going.id):
                failures.add(number, about["cells"], [about["reason"]])
        store.keep_errors(row, failures.path if failures.rows else None)


class _Quiet(_JobProgress):
    """The first pass before the second: it may be stopped, but is not shown as progress."""

    def advance(self, rows: int) -> None:
        self._job.progress(0, None)
        self._job.check()


def carry_out_undo(job: JobRun, uid: str, rest: bool) -> None:
    """The job ``importing.undo``. What must not be undone ends it, unless the rest was asked for."""
    row = store.get(uid)
    if row["state"] != "undoing":
        return
    kind = kind_of(row)
    going = undo.Undo(kind, row["id"], _undoer(job, kind))
    total = None
    if not row["phase"]:
        plan = going.plan(lambda rows: job.check())
        total = plan.total
        if plan.refusals and not rest:
            found = {"refusals": [asdict(item) for item in plan.refusals], "kept": plan.counts["kept"]}
            store.report(row, "finished", found, row["total"])
            return
        store.report(row, "undoing", {"refusals": [asdict(item) for item in plan.refusals]}, row["total"])
    run.carry_out(store.run_of(row, ()), [going.phase(total or 0)], _JobProgress(job, total), "undone")


def _undoer(job: JobRun, kind: ImportKind) -> Actor:
    actor = of_account(job.created_by) if job.created_by is not None else None
    if actor is None or not actor.may(kind.permission):
        raise Refusal("Whoever asked for this may no longer do so.")
    return actor


def failed_rows(row: dict[str, Any]) -> str:
    """The key of an import's file of failed rows. Raises NotFound when there is none."""
    if not row["error_file"]:
        raise NotFound("No row of this import failed.")
    return str(row["error_file"])


