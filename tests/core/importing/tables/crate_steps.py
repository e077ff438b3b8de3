"""Steps of the tests with crates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared
from ecrm_server.importing import run, store, undo
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.kind import ImportKind
from ecrm_server.importing.options import Options
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.table import NAMES, Checked, TableImport
from ecrm_server.kernel import current

COLUMNS = "code, sender, phone, country, size, weight, pieces, worth, fragile, due, sent_at, labels"
HEADER = "Code,Sender,Telephone,Country,Size,Weight,Pieces,Worth,Fragile,Due,Sent,Labels\n"


def kind() -> ImportKind:
    return current.generation().registry.imports["crates"]


def table(path: Path, **options: Any) -> TableImport:
    return TableImport(kind(), path, path.name, Options(**options), SYSTEM)


def check(going: TableImport, folder: Path) -> tuple[Checked, Path]:
    """The first pass, and where its failed rows are."""
    with going.failure_file(folder) as failures:
        failures.path.unlink(missing_ok=True)
        return going.check(failures, Progress()), failures.path


def bring(path: Path, progress: Progress | None = None, **options: Any) -> tuple[Counts, str]:
    """Import a file; its counts and the uid of the run."""
    with table(path, **options) as going:
        checked, _ = check(going, path.parent)
        checked.refuse(going.name, going.options.keep_good)
        digest = run.digest_of([path], repr(going.options))
        begun = run.begin("crates", path.name, path, digest, NAMES)
        store.describe(begun.id, going.options, checked.counts["read"])
        counts = run.carry_out(begun, [going.phase(begun.id, checked)], progress or Progress())
        return counts, str(store.by_id(begun.id)["uid"])


def take_back(uid: str, progress: Progress | None = None) -> tuple[undo.Plan, Counts]:
    """Undo a run, the rest too."""
    row = store.get(uid)
    going = undo.Undo(kind(), row["id"], SYSTEM)
    plan = going.plan()
    if row["state"] == "finished":
        store.move(row, "undoing", "")
        store.start_over(row)
    counts = run.carry_out(store.run_of(store.get(uid), ()), [going.phase(0)], progress or Progress(), "undone")
    return plan, counts


def stored() -> list[tuple[Any, ...]]:
    """All crates without their ids."""
    return Prepared(f"SELECT {COLUMNS} FROM crates_crate ORDER BY code").tuples()


def whole() -> list[tuple[Any, ...]]:
    """The whole table."""
    return Prepared(f"SELECT uid, holds, {COLUMNS} FROM crates_crate ORDER BY uid").tuples()


def edit(code: str, column: str, value: Any) -> None:
    """Somebody changes a crate here."""
    assert Prepared(f"UPDATE crates_crate SET {column} = ? WHERE code = ?").run(value, code) == 1


def remembered() -> int:
    return int(Prepared("SELECT COUNT(*) FROM import_change").value())


