"""Files that are made to break whoever reads them."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from ecrm_server.importing import values
from ecrm_server.importing.csvrows import CsvFile
from ecrm_server.importing.failures import FailureBook
from ecrm_server.importing.kind import Field
from ecrm_server.importing.notation import Notation
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.sheets import styles
from ecrm_server.importing.workbook import XlsxFile


@pytest.mark.parametrize("code", ["[" * 300_000, '"' * 300_001, "[h" * 150_000, "\\" * 300_000])
def test_the_time_to_read_a_format_grows_with_its_length_only(code: str) -> None:
    cells = "".join('<xf numFmtId="200"/>' for _ in range(1_000))
    text = f"<styleSheet><numFmt numFmtId='200' formatCode='{code}'/><cellXfs>{cells}</cellXfs></styleSheet>"
    began = time.perf_counter()
    assert len(styles(io.BytesIO(text.encode()))) == 1_000
    assert time.perf_counter() - began < 5  # it was hours


@pytest.mark.parametrize("count", [1_001, 30_000])
def test_a_header_of_thousands_of_columns_is_refused(tmp_path: Path, count: int) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["Name"] * count) + "\n", "utf-8")
    with pytest.raises(InputError, match=f"names {count:,} columns, but at most 1,000"):
        CsvFile(path, "wide.csv")


def test_a_sheet_of_thousands_of_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet().write_row(0, 0, ["Name"] * 1_001)
    with pytest.raises(InputError, match="names 1,001 columns"):
        XlsxFile(path, "wide.xlsx")


@pytest.mark.parametrize("separator", ['"', "a", "1"])
def test_a_separator_that_could_not_part_anything_is_not_obeyed(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"sep={separator}\nName,City\nA,B\n", "utf-8")
    assert CsvFile(path, "x.csv").separator == ","


def test_a_cell_as_long_as_a_book_is_no_time_and_says_so_at_once() -> None:
    began = time.perf_counter()
    with pytest.raises(ValueError, match="no time such as"):
        values.converter(Field("at", "At", "time"), Notation())("T" * 130_000)
    assert time.perf_counter() - began < 5  # it was ten minutes


@pytest.mark.parametrize("name", ["a/b[c]:*?\\", "x" * 60, "'quoted'", "*"])
def test_rows_fail_into_a_book_whatever_their_sheet_is_called(tmp_path: Path, name: str) -> None:
    plain, odd = tmp_path / "plain.xlsx", tmp_path / "odd.xlsx"
    with xlsxwriter.Workbook(str(plain)) as made:
        made.add_worksheet("Crates").write_column(0, 0, ["Name", "Bo"])
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(odd, "w") as new:
        for item in old.namelist():
            new.writestr(item, old.read(item).replace(b'name="Crates"', f'name="{name}"'.encode()))
    with FailureBook(tmp_path / "failed.xlsx", XlsxFile(odd, "odd.xlsx")) as failed:
        failed.add(2, ["Bo"], ["It is none."])
    again = XlsxFile(tmp_path / "failed.xlsx", "failed.xlsx")
    assert [cells for _, cells, _ in again.rows()] == [["Bo", "It is none."]]
