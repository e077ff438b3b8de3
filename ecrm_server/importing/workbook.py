"""XLSX: looked at as a zip before it is opened, because a small file can ask for any amount of memory."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ecrm_server.importing.csvrows import MAX_CELL, Row, unique_names
from ecrm_server.importing.problems import InputError, Problem

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_BYTES = 100 << 20
"""Unpacked, all entries together."""
MAX_ENTRIES = 2_000
MAX_RATIO = 500
"""How many times larger an entry of more than a megabyte may become; rows that are all the same reach 200."""
MAX_CELLS = 5_000_000
"""Of the rectangle that holds everything: so much is laid out in memory, 32 bytes each."""
MAX_TEXT = 32_767
"""Characters of a cell."""
MAX_ROWS, MAX_COLUMNS = 1 << 20, 1 << 14
"""Of any spreadsheet."""

_BLOCK = 1 << 20
_OVERLAP = 1 << 13
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*t="e")[^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


class XlsxFile:
    """One sheet of an XLSX file. sheet: its name; empty: the first that is shown."""

    separator = ","

    def __init__(self, path: Path, name: str, sheet: str = "") -> None:
        self.name = name
        self._faults: dict[str, dict[int, dict[str, str]]] = {}
        self._check(path)
        book = self._open(path)
        shown = _shown(book)
        if sheet and sheet not in book.sheet_names:
            self._fail("", f"it has no sheet '{sheet[:60]}', but {', '.join(book.sheet_names)[:200]}.")
        if not sheet and not shown:
            self._fail("", "it has no sheet.")
        self._sheet = self._read(book, sheet or shown[0])
        self._faulty = self._faults.get(_entry_of(path, self._sheet.name), {})
        start = self._sheet.start
        if start is None:
            self._fail("", f"the sheet '{self._sheet.name}' is empty.")
        self.start = start
        """Row and column of the header, from 0."""
        self._header_row = start[0] + 1
        header, fault = next((row, fault) for number, row, fault in self._numbered() if number == self._header_row)
        fault = fault or self._unfit(self._header_row, header)
        if fault:
            self._fail(f"row {self._header_row}", f"the header cannot be read: {fault}")
        self.header = unique_names(header)

    def rows(self) -> Iterator[Row]:
        """The rows below the header that hold anything, each cell as text."""
        for number, cells, known in self._numbered():
            if number <= self._header_row:
                continue
            text = "".join(cells)
            unfit = self._unfit(number, cells) if "\0" in text or len(text) > MAX_CELL else ""
            if known or unfit or text.strip():
                yield number, cells, known or unfit

    def _unfit(self, number: int, cells: list[str]) -> str:
        """A sentence about a cell that no column can hold."""
        for place, cell in enumerate(cells, self.start[1]):
            if "\0" in cell:
                return f"Cell {_column_name(place)}{number} holds a zero character."
            if len(cell) > MAX_CELL:
                return f"Cell {_column_name(place)}{number} has more than {MAX_CELL:,} characters."
        return ""

    @property
    def sheet(self) -> str:
        """The name of the sheet that is read."""
        return str(self._sheet.name)

    def values(self, numbers: Collection[int]) -> Iterator[tuple[int, list[Any]]]:
        """The cells of these rows as they are stored (texts, numbers, dates), in the order of the rows. A formula
        without a value stays at fault."""
        for number, row in enumerate(self._sheet.iter_rows(), 1):
            if number in numbers:
                cells: list[Any] = list(row)
                for name in self._faulty.get(number, ()):
                    place = _column_number(name.encode()) - 1 - self.start[1]
                    if 0 <= place < len(cells):
                        cells[place] = "#VALUE!"
                yield number, cells

    def _numbered(self) -> Iterator[Row]:
        for number, row in enumerate(self._sheet.iter_rows(), 1):
            fault = next(iter(self._faulty.get(number, {}).values()), "")
            yield number, [_as_text(cell) for cell in row], fault

    def _open(self, path: Path) -> CalamineWorkbook:
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            return CalamineWorkbook.from_path(str(path))
        except CalamineError as error:
            self._fail("", f"it is no XLSX file that can be read ({str(error)[:120]}).")

    def _read(self, book: CalamineWorkbook, name: str) -> CalamineSheet:
        from python_calamine import CalamineError

        try:
            return book.get_sheet_by_name(name)
        except CalamineError as error:
            self._fail("", f"its sheet '{name}' cannot be read ({str(error)[:120]}).")

    def _check(self, path: Path) -> None:
        """Unpack everything once without keeping it: what an archive says of its sizes need not be so."""
        total = 0
        try:
            with zipfile.ZipFile(path) as archive:
                entries = archive.infolist()
                if len(entries) > MAX_ENTRIES:
                    self._fail("", f"it holds {len(entries):,} files; a spreadsheet has fewer than {MAX_ENTRIES:,}.")
                self._limit(sum(entry.file_size for entry in entries))
                for entry in entries:
                    if entry.file_size > _BLOCK and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                        self._fail("", f"{entry.filename[:80]} in it unpacks to {MAX_RATIO} times its size.")
                    total = self._look_through(archive, entry, total)
        except OSError as error:
            self._fail("", f"it cannot be read: {error.strerror or error}.")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            self._fail("", f"it is cut off, damaged, locked with a password, or no XLSX file ({str(error)[:80]}).")

    def _look_through(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int) -> int:
        """Read an entry to its end; note formulas without a value and errors. Returns the bytes read so far."""
        seen = _Seen()
        tail = b""
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                total += len(block)
                self._limit(total)
                if not entry.filename.endswith(".xml") or entry.filename == "xl/sharedStrings.xml":
                    continue
                text = tail + block
                seen.cells(text)
                if seen.area > MAX_CELLS:
                    self._fail(
                        "",
                        f"a sheet spans {seen.width:,} columns and {seen.height:,} rows, which is more than"
                        f" {MAX_CELLS:,} cells. Save it as CSV.",
                    )
                self._note(entry.filename, text)
                tail = text[-_OVERLAP:]
        return total

    def _note(self, entry: str, text: bytes) -> None:
        faults = self._faults.setdefault(entry, {})
        for column, row in _NO_VALUE.findall(text):
            where = f"{column.decode()}{row.decode()}"
            faults.setdefault(int(row), {})[column.decode()] = (
                f"Cell {where} holds a formula without its value. Open the file in a spreadsheet program and save it."
            )
        for column, row in _ERROR.findall(text):
            where = f"{column.decode()}{row.decode()}"
            faults.setdefault(int(row), {})[column.decode()] = f"Cell {where} holds the error of a formula."

    def _limit(self, size: int) -> None:
        if size > MAX_BYTES:
            self._fail("", f"it unpacks to more than {MAX_BYTES >> 20} MB. Save it as CSV or split it.")

    def _fail(self, row: str, text: str) -> NoReturn:
        raise InputError(Problem(self.name, row, text))


class _Seen:
    """The rectangle that holds every cell seen."""

    def __init__(self) -> None:
        self._columns: set[bytes] = set()
        self._top, self._bottom = MAX_ROWS, 0

    def cells(self, text: bytes) -> None:
        for column, row in set(_extremes(_CELL.findall(text))):
            self._columns.add(column)
            self._top, self._bottom = min(self._top, row), max(self._bottom, row)

    @property
    def width(self) -> int:
        numbers = [_column_number(name) for name in self._columns]
        return max(numbers) - min(numbers) + 1 if numbers else 0

    @property
    def height(self) -> int:
        return max(0, self._bottom - self._top + 1)

    @property
    def area(self) -> int:
        return self.width * self.height


def _extremes(found: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, int]]:
    """Of each column the first and last row: enough for the rectangle."""
    spans: dict[bytes, tuple[int, int]] = {}
    for column, text in found:
        row = int(text)
        low, high = spans.get(column, (row, row))
        spans[column] = (min(low, row), max(high, row))
    for column, (low, high) in spans.items():
        yield column, low
        yield column, high


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _column_name(place: int) -> str:
    """The letters of a column, counted from 0."""
    name, number = "", place + 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name


def _shown(book: CalamineWorkbook) -> list[str]:
    from python_calamine import SheetVisibleEnum

    return [item.name for item in book.sheets_metadata if item.visible == SheetVisibleEnum.Visible]


def _entry_of(path: Path, sheet: str) -> str:
    """The entry that holds a sheet; empty where the workbook does not say so in the usual way."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        with zipfile.ZipFile(path) as archive:
            book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
            links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    except (KeyError, etree.XMLSyntaxError):
        return ""
    for item in book.iterfind(".//{*}sheet"):
        if item.get("name") == sheet:
            link = next((value for name, value in item.items() if name.endswith("}id")), "")
            targets = [entry.get("Target", "") for entry in links.iter("{*}Relationship") if entry.get("Id") == link]
            target = targets[0] if targets else ""
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _as_text(cell: Any) -> str:
    """What a person would have typed into a CSV file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""
