"""XLSX files as spreadsheet programs write them, and files that are broken or made to harm."""

from __future__ import annotations

import random
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ecrm_server.importing import workbook
from ecrm_server.importing.opening import open_table
from ecrm_server.importing.options import Options
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.workbook import XlsxFile
from tests.thorough import THOROUGH

SHEET = "xl/worksheets/sheet2.xml"
"""Where the sheet of the book below is."""
PARTS = (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")
PIECES = (b"-1", b"99999999999", b"1e308", b"NaN", b"&#0;", b"<", b'"', b"XFD1048576")


def read(path: Path, **options: str) -> tuple[list[str], list[list[str]]]:
    """Header and the cells of the rows; a fault is a row of its own."""
    table = open_table(path, path.name, Options(**options))  # type: ignore[arg-type]
    return table.header, [[fault] if fault else cells for _, cells, fault in table.rows()]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A sheet that begins at B3, with a cell of each kind."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        hidden, sheet, other = (made.add_worksheet(name) for name in ("Old", "People", "Other"))
        hidden.hide()
        sheet.activate()
        sheet.set_first_sheet()
        other.write_row(0, 0, ["Thing"])
        other.write_row(1, 0, ["Pot"])
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        moment = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(2, 1, ["Name", "Day", "Moment", "Number", "Yes", "Sum"])
        sheet.write(3, 1, "Ada")
        sheet.write_datetime(3, 2, datetime(2026, 3, 31), day)  # noqa: DTZ001
        sheet.write_datetime(3, 3, datetime(2026, 3, 31, 14, 30), moment)  # noqa: DTZ001
        sheet.write(3, 4, 491511234567)
        sheet.write(3, 5, True)
        sheet.write_formula(3, 6, "=1+1.5", None, 2.5)
        sheet.write(5, 1, "Grace")
        sheet.write_formula(5, 6, "=1/0", None, "#DIV/0!")
        sheet.write(6, 1, "Linus")
        sheet.write_formula(6, 6, "=D7", None, "")
    return path


def test_a_sheet_is_read_as_text_and_formulas_as_their_values(book: Path) -> None:
    table = XlsxFile(book, "book.xlsx")
    assert table.header == ["Name", "Day", "Moment", "Number", "Yes", "Sum"]
    rows = list(table.rows())
    assert rows[0] == (4, ["Ada", "2026-03-31", "2026-03-31 14:30:00", "491511234567", "true", "2.5"], "")
    assert [(number, fault) for number, _, fault in rows[1:]] == [
        (6, "Cell G6 holds the error of a formula."),
        (7, "Cell G7 holds a formula without its value. Open the file in a spreadsheet program and save it."),
    ]


def test_another_sheet_can_be_chosen(book: Path) -> None:
    assert read(book, sheet="Other") == (["Thing"], [["Pot"]])
    with pytest.raises(InputError, match="it has no sheet 'Gone', but Old, People, Other"):
        read(book, sheet="Gone")
    with pytest.raises(InputError, match="the sheet 'Old' is empty"):
        read(book, sheet="Old")


def rewritten(book: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The book with its entries changed."""
    path = book.with_name("changed.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return path


def test_a_bomb_is_refused(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = rewritten(book, lambda name, data: data + b" " * (20 << 20) if name == "xl/styles.xml" else data)
    with pytest.raises(InputError, match="unpacks to 500 times its size"):
        read(path)
    noise = random.Random(1).randbytes(2 << 20).hex().encode()
    for part, limit in (("xl/sharedStrings.xml", "MAX_BYTES"), (SHEET, "MAX_SHEET")):
        monkeypatch.setattr(workbook, limit, 1 << 20)
        path = rewritten(book, lambda name, data, part=part: data + b"<!--" + noise + b"-->" if name == part else data)
        with pytest.raises(InputError, match=f"{part} in it unpacks to more than 1 MB|holds a tag without an end"):
            read(path)


def test_a_bomb_that_lies_about_its_size_is_refused(book: Path) -> None:
    path = rewritten(book, lambda name, data: data + b" " * (20 << 20) if name == "xl/styles.xml" else data)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/styles.xml").file_size
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises(InputError, match=r"damaged|unpacks"):
        read(path)


@pytest.mark.parametrize(
    "row, sentence",
    [
        (b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', ""),
        (b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>', "stands left of the first column"),
        (b'<row r="9"><c r="XFE9"><v>1</v></c></row>', "a cell XFE9 in no column of a spreadsheet"),
        (b'<row r="9"><c r="\xc3\xa4"><v>1</v></c></row>', "in no column of a spreadsheet"),
        (b'<row r="9">' + b"<c><v>1</v></c>" * 20_000 + b"</row>", "in no column of a spreadsheet"),
        (b'<row r="3"><c r="B3"><v>1</v></c></row>', "its row 3 does not come after row 7"),
        (b'<row r="9"><c r="B9" t="inlineStr"><is><t>' + b"x" * (3 << 20) + b"</t></is></c></row>", "B9 has more than"),
        (b'<row r="9"><c r="B9"><v>' + b"1" * (3 << 20) + b"</v></c></row>", "which is no number"),
        (b'<row r="9"><c r="B' + b"9" * (3 << 20) + b'"/></row>', "holds a tag without an end"),
        (b'<row r="9"><c r="B9" t="s"><v>77777</v></c></row>', "Cell B9 refers to no text"),
        (b'<row r="9"><c r="B9" t="str"><v>a_x0000_b</v></c></row>', "Cell B9 holds a zero character"),
        (b'<row r="9"><c r="B9" t="str"><v>a_xD800_b</v></c></row>', ""),
    ],
)  # fmt: skip
def test_a_sheet_that_claims_too_much_takes_no_memory(
    book: Path, monkeypatch: pytest.MonkeyPatch, row: bytes, sentence: str
) -> None:
    monkeypatch.setattr(workbook, "MAX_RATIO", 100_000)
    path = rewritten(book, lambda name, data: data.replace(b"</sheetData>", row + b"</sheetData>"))
    tracemalloc.start()
    try:
        found = "".join(cells[0] for cells in read(path)[1])
    except InputError as error:
        found = error.message
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence in found
    assert peak < 24 << 20


def test_entities_are_refused_before_any_is_expanded(book: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = rewritten(book, lambda name, data: data.replace(b"<worksheet", bomb + b"<worksheet", 1))
    with pytest.raises(InputError, match="it declares entities, as no spreadsheet does"):
        read(path)


def test_an_archive_of_many_files_is_refused(tmp_path: Path) -> None:
    for number, sentence in ((2_001, "it holds 2,001 files"), (60_000, "it holds far more files than the 2,000")):
        path = tmp_path / "many.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for entry in range(number):
                archive.writestr(f"worksheets/of/this/book/number-{entry:06}.xml", b"")
        with pytest.raises(InputError, match=sentence):
            read(path)


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.95])
def test_a_cut_off_book_is_refused(book: Path, cut: float) -> None:
    content = book.read_bytes()
    book.write_bytes(content[: int(len(content) * cut)])
    with pytest.raises(InputError, match="it is cut off, damaged"):
        read(book)


def test_a_book_with_a_broken_part_is_refused(book: Path) -> None:
    path = rewritten(book, lambda name, data: data[: len(data) // 2] if name.endswith("sheet2.xml") else data)
    with pytest.raises(InputError, match="a part of it is cut off or damaged"):
        read(path)


def test_other_spellings_of_the_same_are_read(book: Path) -> None:
    """With prefixes, without names of cells, with texts inside the cells, and days counted from 1904."""

    def change(name: str, data: bytes) -> bytes:
        if name == "xl/workbook.xml":
            return data.replace(b"<workbookPr", b'<workbookPr date1904="1"')
        if name != SHEET:
            return data
        rows = (
            b'<x:row><x:c t="inlineStr"><x:is><x:r><x:t>Na</x:t></x:r><x:r><x:t>me</x:t></x:r>'
            b'<x:rPh><x:t>no</x:t></x:rPh></x:is></x:c><x:c t="str"><x:f>1</x:f><x:v>Day</x:v></x:c></x:row>'
            b'<x:row/><x:row r="5"><x:c t="str"><x:v>a_x005F_x0041_b</x:v></x:c>'
            b'<x:c s="1"><x:v>44650</x:v></x:c></x:row>'
        )
        return b'<x:worksheet xmlns:x="urn:x"><x:sheetData>' + rows + b"</x:sheetData></x:worksheet>"

    table = XlsxFile(rewritten(book, change), "x.xlsx")
    assert table.header == ["Name", "Day"]
    assert list(table.rows()) == [(5, ["a_x0041_b", "2026-03-31"], "")]


CELLS = st.one_of(
    st.none(), st.text(st.characters(blacklist_categories=("Cs",), min_codepoint=32), max_size=12),
    st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9, allow_nan=False), st.booleans(),
    st.datetimes(datetime(1900, 3, 1), datetime(2300, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
    st.dates(date(1900, 3, 1), date(2300, 1, 1)), st.times().map(lambda at: at.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=90)).map(lambda span: timedelta(seconds=int(span.total_seconds()))),
)  # fmt: skip
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8)


@settings(max_examples=200 if THOROUGH else 40, deadline=None)
@given(rows=TABLES)
def test_what_another_reader_reads_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]) -> None:
    path = tmp_path_factory.mktemp("books") / "book.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as made:
        sheet = made.add_worksheet()
        formats = {
            datetime: made.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
            date: made.add_format({"num_format": 14}), time: made.add_format({"num_format": "h:mm:ss AM/PM"}),
            timedelta: made.add_format({"num_format": "[h]:mm:ss"}),
        }  # fmt: skip
        sheet.write_row(0, 0, ["A", "B", "C", "D", "E"])
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif type(cell) in formats:
                    sheet.write_datetime(number, place, cell, formats[type(cell)])
                elif cell is not None:
                    sheet.write(number, place, cell)
    ours = dict(XlsxFile(path, "book.xlsx").values(range(1, 20)))
    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
    for number, cells in enumerate(theirs, 1):
        found = ours.get(number, [])
        assert [*found, *[""] * (len(cells) - len(found))] == cells


@pytest.mark.parametrize("seed", range(20 if THOROUGH else 2))
def test_whatever_is_changed_in_a_book_it_is_read_or_refused_with_a_sentence(book: Path, seed: int) -> None:
    chance, refused = random.Random(seed), 0
    for _ in range(150):
        part = chance.choice(PARTS)
        path = rewritten(book, lambda name, data, part=part: _damaged(chance, data) if name == part else data)
        try:
            table = XlsxFile(path, "changed.xlsx")
            rows = {number for number, *_ in table.rows()}
            assert {number for number, _ in table.values(rows)} == rows
        except InputError:
            refused += 1
    assert 0 < refused < 150


def _damaged(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(changed))
        what = chance.randrange(4)
        if what == 0:
            changed[place : place + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            del changed[place : place + chance.randint(1, 60)]
        elif what == 2:
            changed[place:place] = changed[: chance.randint(1, 200)]
        else:
            changed[place:place] = chance.choice(PIECES)
    return bytes(changed)
