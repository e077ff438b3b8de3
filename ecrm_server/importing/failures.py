"""The file of failed rows: as the imported one, with a last column that says why; corrected, it can be imported."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ecrm_server.csvfile import safe_cell
from ecrm_server.errors import EcrmError
from ecrm_server.importing.options import WHY
from ecrm_server.importing.workbook import MAX_TEXT, XlsxFile

_NO_NAME = re.compile(r"[\[\]:*?/\\]")
"""What spreadsheet programs take in no name of a sheet."""


class FailureFile:
    """Writes failed rows as CSV as they are found; nothing is there as long as none failed. Use it as a context."""

    ending = ".csv"

    def __init__(self, path: Path, header: Sequence[str], separator: str) -> None:
        self.path = path
        self.rows = 0
        self._header = [name for name in header if name != WHY]
        self._kept = [index for index, name in enumerate(header) if name != WHY]
        self._separator = separator
        self._stream: IO[str] | None = None
        self._writer: Any = None

    def add(self, number: int, cells: Sequence[str], problems: Iterable[str]) -> None:
        """Add a row. Raises EcrmError when the file cannot be written."""
        try:
            if self._stream is None:
                self._open()
            kept = [safe_cell(cells[index]) if index < len(cells) else "" for index in self._kept]
            self._writer.writerow([*kept, safe_cell(" ".join(problems))])
        except OSError as error:
            raise EcrmError(f"The error file {self.path} cannot be written: {error.strerror}.") from error
        self.rows += 1

    def _open(self) -> None:
        # The byte-order mark tells spreadsheet programs that it is UTF-8; bytes that were none become question marks.
        self._stream = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._stream, delimiter=self._separator)
        self._writer.writerow([*(safe_cell(name) for name in self._header), WHY])

    def close(self) -> None:
        """Finish it. Nothing more can be added."""
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> FailureFile:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class FailureBook(FailureFile):
    """Writes failed rows as XLSX when it is closed: the same sheet at the same place, its numbers and dates as such."""

    ending = ".xlsx"

    def __init__(self, path: Path, source: XlsxFile) -> None:
        super().__init__(path, source.header, "")
        self._source = source
        self._reasons: dict[int, str] = {}

    def add(self, number: int, cells: Sequence[str], problems: Iterable[str]) -> None:
        """Add a row by its number."""
        self._reasons[number] = " ".join(problems)
        self.rows = len(self._reasons)

    def close(self) -> None:
        """Write it, in the order of the rows. Raises EcrmError when it cannot be written."""
        reasons, self._reasons = self._reasons, {}
        if not reasons:
            return
        import xlsxwriter

        try:
            with xlsxwriter.Workbook(str(self.path), {"constant_memory": True}) as book:
                self._write(book, reasons)
        except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
            raise EcrmError(f"The error file {self.path} cannot be written: {error}.") from error

    def _write(self, book: Any, reasons: dict[int, str]) -> None:
        sheet = book.add_worksheet(_NO_NAME.sub(" ", self._source.sheet)[:31].strip("' ") or "Sheet1")
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
            timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        top, left = self._source.start
        last = left + len(self._kept)
        sheet.set_column(left, last - 1, 18)
        sheet.set_column(last, last, 60)
        sheet.freeze_panes(top + 1, 0)
        for place, name in enumerate([*self._header, WHY], left):
            sheet.write_string(top, place, safe_cell(name), bold)
        for row, (number, cells) in enumerate(self._source.values(reasons), top + 1):
            for place, index in enumerate(self._kept, left):
                if index < len(cells):
                    _write_cell(sheet, row, place, cells[index], formats)
            sheet.write_string(row, last, safe_cell(reasons[number])[:MAX_TEXT])


def _write_cell(sheet: Any, row: int, place: int, cell: Any, formats: dict[type, Any]) -> None:
    """A value as it stood in the file; a text that would become a formula when edited begins with an apostrophe."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, cell)
    elif isinstance(cell, date | time | timedelta) and not (isinstance(cell, date) and cell.year < 1900):
        sheet.write_datetime(row, place, cell, formats[type(cell)])
    elif cell != "":
        sheet.write_string(row, place, str(safe_cell(str(cell)))[:MAX_TEXT])
