"""Failed rows come back as a file of the same sort, which is corrected and imported."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from ecrm_server.importing.cli import command
from ecrm_server.importing.workbook import XlsxFile
from tests.core.importing.tables.crate_steps import bring, check, kind, stored, table
from tests.core.importing.tables.page_steps import choose, upload, work

pytestmark = pytest.mark.usefixtures("both_engines", "site")
WHY = "Why it was not imported"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A sheet from C4 on: a good row, and rows that fail for various reasons."""
    path = tmp_path / "crates.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet("Notes").write(0, 0, "nothing")
        sheet = made.add_worksheet("Crates")
        day = made.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(3, 2, ["Code", "Weight", "Due", "Fragile", "Telephone", "Sender"])
        rows = [("P1", 1.5, "+49 30 1234"), ("P2", "heavy", "+49 30 1234"), ("P3", 3.25, "'=cmd|' /C calc'!A1")]
        for number, (code, weight, phone) in enumerate(rows, 4):
            sheet.write(number, 2, code)
            sheet.write(number, 3, weight)
            sheet.write_datetime(number, 4, datetime(2026, 3, 31), day)  # noqa: DTZ001
            sheet.write(number, 5, True)
            sheet.write_string(number, 6, phone)
        sheet.write_string(7, 2, "P4")
        sheet.write_formula(7, 3, "=1/0", None, "#DIV/0!")
        sheet.write_string(8, 2, "=P5")
        sheet.write_formula(8, 3, "=2*2", None, 4)
    return path


def cells(path: Path, sheet: str = "Crates") -> list[list[Any]]:
    """All cells of a sheet, from its first row and column on."""
    found = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
    assert found.start == (3, 2)
    return list(found.iter_rows())[3:]


def test_rows_of_a_sheet_come_back_as_a_sheet_of_the_same_shape(book: Path, tmp_path: Path) -> None:
    counts, _ = bring(book, sheet="Crates", keep_good=True)
    assert (counts["created"], counts["failed"]) == (1, 4)
    header, *rows = cells(tmp_path / "failed.xlsx")
    assert header == ["Code", "Weight", "Due", "Fragile", "Telephone", "Sender", WHY]
    day = datetime(2026, 3, 31).date()  # noqa: DTZ001
    assert rows == [
        ["P2", "heavy", day, True, "'+49 30 1234", "", "Weight is 'heavy', which is no number."],
        ["P3", 3.25, day, True, "'=cmd|' /C calc'!A1", "", rows[1][-1]],
        ["P4", "#VALUE!", "", "", "", "", "Cell D8 holds the error of a formula."],
        ["'=P5", 4.0, "", "", "", "", rows[3][-1]],
    ]
    assert rows[1][-1] == "Telephone is '=cmd|' /C calc'!A1', which is no telephone number."
    assert rows[3][-1].startswith("Code holds a formula; write its value, or an apostrophe")


def test_a_corrected_sheet_is_imported_and_an_uncorrected_one_fails_again(book: Path, tmp_path: Path) -> None:
    bring(book, sheet="Crates", keep_good=True)
    failed = tmp_path / "failed.xlsx"
    failed.rename(tmp_path / "again.xlsx")
    with table(tmp_path / "again.xlsx", sheet="Crates") as going:
        checked, _ = check(going, tmp_path)
    assert (checked.counts["read"], checked.counts["failed"]) == (4, 3)  # what begins with = is a text by now
    source = cells(tmp_path / "again.xlsx")
    source[1][1], source[2][4], source[3][1] = 2.5, "+49 30 99", 4.5
    with xlsxwriter.Workbook(str(tmp_path / "corrected.xlsx"), {"strings_to_formulas": False}) as made:
        sheet = made.add_worksheet("Crates")
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(source):
            for place, cell in enumerate(row):
                if hasattr(cell, "year"):
                    sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                else:
                    sheet.write(number, place, cell)
    counts, _ = bring(tmp_path / "corrected.xlsx")
    assert (counts["created"], counts["failed"]) == (4, 0)
    assert [(row[0], row[2], row[5], row[9]) for row in stored()] == [
        ("=P5", None, 4.0, None), ("P1", "+49301234", 1.5, "2026-03-31"), ("P2", "+49301234", 2.5, "2026-03-31"),
        ("P3", "+493099", 3.25, "2026-03-31"), ("P4", None, 4.5, None),
    ]  # fmt: skip


def test_rows_that_are_refused_while_they_are_written_are_in_the_file_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "late.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        sheet.write_column(0, 0, ["Code", "P1", "P2", "P3"])
        sheet.write_column(0, 1, ["Labels", "late", "soon", "late"])
    monkeypatch.chdir(tmp_path)
    importing = command(kind())
    importing.main(["late.xlsx", "--keep-good"], standalone_mode=False)
    assert "failed: 2" in capsys.readouterr().out
    rows = [row for _, row, _ in XlsxFile(tmp_path / "late-failed.xlsx", "late-failed.xlsx").rows()]
    assert rows == [["P1", "late", "Labels come too late."], ["P3", "late", "Labels come too late."]]
    importing.main(["late.xlsx", "--keep-good", "--error-file", "late.csv"], standalone_mode=False)
    assert (tmp_path / "late.csv").read_text("utf-8-sig").splitlines()[1] == "P1,late,Labels come too late."


def test_the_page_gives_the_sheet_back(staff: Any, book: Path) -> None:
    base = upload(staff, book.read_bytes(), "crates.xlsx")
    choose(staff, base, verb="look", sheet="Crates")
    answer = choose(staff, base, "code", "weight", sheet="Crates", keep_good="1")
    assert answer.status_code == 303
    work()
    assert f'href="{base}/failed.xlsx"' in staff.get(base).text
    answer = staff.get(f"{base}/failed.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="crates-failed.xlsx"'
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_name("Crates")
    assert [row[0] for row in list(sheet.iter_rows())[3:]] == ["Code", "P2", "P4", "'=P5"]
    assert staff.get(f"{base}/failed.csv").status_code == 404
