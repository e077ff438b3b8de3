"""Tables into objects: what is created, updated, kept, refused and remembered."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.errors import Refusal
from ecrm_server.importing import changes, store
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.run import CHUNK
from tests.core.importing.tables.crate_steps import (
    HEADER,
    bring,
    check,
    edit,
    remembered,
    stored,
    table,
    take_back,
    whole,
)

pytestmark = pytest.mark.usefixtures("both_engines", "site")
File = Callable[..., Path]
FULL = "P1,Ada@Example.org,+49 (0)30 123-45,Germany,Small,2.5,3,12.50,yes,2026-03-31,2026-03-31T14:30Z,a;b\n"


def test_every_type_of_field_is_read(file: File) -> None:
    counts, _ = bring(file(HEADER + FULL))
    assert counts == {"read": 1, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0}
    row = ("P1", "ada@example.org", "+493012345", "DE", "s", 2.5, 3, 1250, True, "2026-03-31", 1774967400000)
    assert stored() == [(*row, '["a", "b"]')]


def test_done_twice_it_changes_nothing(file: File, emitted: Callable[..., list[Any]]) -> None:
    path = file(HEADER + FULL + "".join(f"Q{n},,,,,,,,,,,\n" for n in range(2 * CHUNK)))
    bring(path)
    before, known, events = whole(), remembered(), len(emitted())
    counts, _ = bring(path)
    assert (counts["unchanged"], counts["created"], counts["updated"]) == (2 * CHUNK + 1, 0, 0)
    assert (whole(), remembered(), len(emitted())) == (before, known, events)


def test_events_of_an_import_are_marked(file: File, emitted: Callable[..., list[Any]]) -> None:
    bring(file("Code\nP1\n"))
    assert [event["imported"] for event in emitted("crates.arrived")] == [True]


def test_a_changed_file_updates_what_it_names(file: File) -> None:
    bring(file("Code,Weight,Pieces\nP1,1,1\nP2,2,2\n"))
    counts, _ = bring(file("Code,Weight\nP1,9.5\nP2,\nP3,3\n"))
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 1, 1)
    assert [(row[0], row[5], row[6]) for row in stored()] == [("P1", 9.5, 1), ("P2", 2, 2), ("P3", 3, None)]


def test_the_mode_decides_what_is_skipped(file: File) -> None:
    bring(file("Code,Weight\nP1,1\n"))
    path = file("Code,Weight\nP1,2\nP2,2\n")
    counts, _ = bring(path, mode="create")
    assert (counts["created"], counts["skipped"], counts["skipped (exists already)"]) == (1, 1, 1)
    counts, _ = bring(file("Code,Weight\nP1,3\nP9,3\n"), mode="update")
    assert (counts["updated"], counts["skipped (not found)"]) == (1, 1)
    assert [(row[0], row[5]) for row in stored()] == [("P1", 3), ("P2", 2)]


def test_local_edits_win_and_are_counted(file: File) -> None:
    path = file("Code,Weight,Pieces\nP1,1,1\n")
    bring(path)
    edit("P1", "weight", 7)
    counts, _ = bring(path)
    assert (counts["unchanged"], counts["local edits kept"]) == (1, 1)
    counts, _ = bring(file("Code,Weight,Pieces\nP1,2,5\n"))
    assert (counts["updated"], counts["local edits kept"]) == (1, 1)
    assert [(row[5], row[6]) for row in stored()] == [(7, 5)]


def test_what_an_import_saw_counts_as_brought(file: File) -> None:
    bring(file("Code\nP1\n"))
    edit("P1", "weight", 1)
    bring(file("Code,Weight\nP1,1\n"))
    edit("P1", "weight", 2)
    counts, _ = bring(file("Code,Weight\nP1,3\n"))
    assert (counts["local edits kept"], stored()[0][5]) == (1, 2)


def test_bad_rows_keep_everything_from_being_written(file: File, tmp_path: Path) -> None:
    path = file("Code,Weight,Sender\nP1,1,\nP2,heavy,ada\nP3,3,\n")
    with pytest.raises(InputError, match=r"row 3: Weight is 'heavy', which is no number. Sender is 'ada'"):
        bring(path)
    assert stored() == []


def test_the_good_rows_are_kept_when_one_chose_so(file: File, tmp_path: Path) -> None:
    path = file("Code,Weight\nP1,1\nP2,heavy\nP1,3\n,4\nghost,5\n")
    counts, _ = bring(path, keep_good=True)
    assert (counts["read"], counts["created"], counts["failed"]) == (5, 1, 4)
    with (tmp_path / "failed.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["Code", "Weight", "Why it was not imported"],
        ["P2", "heavy", "Weight is 'heavy', which is no number."],
        ["P1", "3", "Code P1 stands in row 2 already."],
        ["", "4", "Code is empty, but rows are told apart by it."],
        ["ghost", "5", "Ghosts are not taken."],
    ]


def test_a_corrected_error_file_is_imported(file: File, tmp_path: Path) -> None:
    bring(file("Code;Weight\nP1;1,5\nP2;heavy\n'=x;2,5\n"), keep_good=True)
    text = (tmp_path / "failed.csv").read_text("utf-8-sig")
    assert text.startswith("Code;Weight;Why it was not imported")
    counts, _ = bring(file(text.replace("heavy", "7,5", 1), "corrected.csv"))
    assert counts["created"] == 1
    assert [(row[0], row[5]) for row in stored()] == [("=x", 2.5), ("P1", 1.5), ("P2", 7.5)]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("Colour,Taste\nred,sweet\n", "No column of the file is known: it has Colour, Taste."),
        ("Weight\n1\n", "Objects are found by Code"),
        ("Code,Name\nP1,x\n", None),
    ],
)
def test_a_header_that_does_not_fit_is_told(file: File, text: str, sentence: str | None) -> None:
    if sentence is None:
        assert bring(file(text))[0]["created"] == 1
        return
    with pytest.raises(Refusal, match=sentence):
        bring(file(text))


def test_two_readings_are_asked_about(file: File) -> None:
    path = file("Code,Due\nP1,03/04/2026\n")
    with pytest.raises(InputError, match="Due says 03/04/2026, which can be read in two ways"):
        bring(path)
    bring(path, dates="month first")
    assert stored()[0][9] == "2026-03-04"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_european_file_means_what_it_says(file: File, separator: str) -> None:
    lines = ["Code;Weight;Pieces;Worth;Due", "P1;1.234,5;1.000;1.234,50 €;31.03.2026", "P2;0,25;12;3,00;01.04.2026"]
    text = "\ufeff" + "\r\n".join(lines).replace(";", separator)
    bring(file(text))
    assert [(row[0], row[5], row[6], row[7], row[9]) for row in stored()] == [
        ("P1", 1234.5, 1000, 123450, "2026-03-31"), ("P2", 0.25, 12, 300, "2026-04-01"),
    ]  # fmt: skip


def test_an_import_is_undone(file: File) -> None:
    bring(file("Code,Weight\nP1,1\nP2,2\n"))
    before = whole()
    _, uid = bring(file("Code,Weight,Pieces\nP1,5,5\nP3,3,3\n"))
    plan, counts = take_back(uid)
    assert (plan.refusals, counts["removed"], counts["restored"]) == ([], 1, 1)
    assert whole() == before
    assert store.get(uid)["state"] == "undone"


def test_what_was_built_on_is_not_undone(file: File) -> None:
    _, uid = bring(file("Code,Weight\nP1,1\nP2,2\nP3,3\nP4,4\n"))
    edit("P1", "weight", 9)
    edit("P2", "pieces", 9)
    edit("P3", "holds", 2)
    plan, counts = take_back(uid)
    assert {(item.label, item.reason) for item in plan.refusals} == {
        ("P1", "Changed since the import: Weight."),
        ("P2", "Changed since the import."),
        ("P3", "It holds something."),
    }
    assert (counts["kept"], counts["removed"]) == (3, 1)
    assert [row[0] for row in stored()] == ["P1", "P2", "P3"]


def test_after_an_undo_the_earlier_import_counts(file: File) -> None:
    bring(file("Code,Weight\nP1,1\n"))
    take_back(bring(file("Code,Weight\nP1,2\n"))[1])
    counts, _ = bring(file("Code,Weight\nP1,3\n"))
    assert (counts["updated"], stored()[0][5]) == (1, 3)


def test_what_imports_remember_is_forgotten(file: File) -> None:
    bring(file("Code\nP1\nP2\n"))
    uid = next(row[0] for row in whole() if row[2] == "P1")
    changes.forget("crates", [uid])
    assert remembered() == 1


def test_the_dry_run_writes_nothing(file: File, tmp_path: Path) -> None:
    bring(file("Code,Weight\nP1,1\nP2,2\n"))
    before, known = whole(), remembered()
    checked, _ = check(table(file("Code,Weight\nP1,5\nP2,2\nP3,x\nP4,4\n")), tmp_path)
    assert [checked.counts[name] for name in ("updated", "unchanged", "failed", "created")] == [1, 1, 1, 1]
    assert (whole(), remembered()) == (before, known)
    assert [item["result"] for item in checked.preview] == ["updated", "unchanged", "failed", "created"]


def test_rows_are_found_by_id_too(file: File) -> None:
    bring(file("Code,Weight\nP1,1\n"))
    uid = whole()[0][0]
    counts, _ = bring(file(f"Id here,Code,Weight\n{uid},P1,8\n"), key="uid", mode="update")
    assert (counts["updated"], stored()[0][5]) == (1, 8)
