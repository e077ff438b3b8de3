"""XLSX files: a zip of XML parts, of which only those are unpacked that are needed, and only up to a limit."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NoReturn

from ecrm_server.importing.csvrows import MAX_CELL, MAX_COLUMNS, Row, too_wide, unique_names
from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.sheets import (
    BrokenSheetError,
    Fault,
    Readable,
    SheetReader,
    column_name,
    parse,
    shared_strings,
    styles,
)

MAX_BYTES = 100 << 20
"""Unpacked, of any part but the sheet: the texts that cells share are kept in memory."""
MAX_SHEET = 1 << 30
MAX_ENTRIES = 2_000
MAX_DIRECTORY = 4 << 20
"""Bytes of the list of entries, which is read as a whole."""
MAX_RATIO = 500
"""How many times larger an entry of more than a megabyte may become; rows that are all the same reach 200."""
MAX_TEXT = 32_767
"""Characters of a cell in a spreadsheet program."""


class XlsxFile:
    """One sheet of an XLSX file. sheet: its name; empty: the first that is shown."""

    separator = ","

    def __init__(self, path: Path, name: str, sheet: str = "") -> None:
        self.name = name
        self._path = path
        with self._opened() as archive:
            self._check(archive)
            book = _Book(self._reading(archive))
            self.sheet, self._part = self._choose(book, sheet)
            self._strings = book.strings()
            self._sorts = book.styles()
            self._since_1904 = book.since_1904
        top, cells = next(self._cells(), (0, {}))
        if not cells:
            self._fail("", f"the sheet '{self.sheet}' is empty.")
        self.start = (top - 1, min(cells))
        """Row and column of the header, from 0."""
        _, header, fault = self._row(top, cells)
        if fault:
            self._fail(f"row {top}", f"the header cannot be read: {fault}")
        self.header = unique_names(header)
        if len(self.header) > MAX_COLUMNS:
            self._fail(f"row {top}", too_wide(self.header))

    def rows(self) -> Iterator[Row]:
        """The rows below the header that hold anything, each cell as text."""
        rows = self._cells()
        next(rows)
        for number, found in rows:
            row = self._row(number, found)
            if row[2] or "".join(row[1]).strip():
                yield row

    def values(self, numbers: Collection[int]) -> Iterator[tuple[int, list[Any]]]:
        """The cells of these rows as they are stored (texts, numbers, dates), in the order of the rows. A formula
        without a value stays at fault."""
        left = self.start[1]
        for number, found in self._cells():
            if number in numbers:
                cells = [found.get(place, "") for place in range(left, max(found) + 1)]
                yield number, ["#VALUE!" if isinstance(cell, Fault) else cell for cell in cells]

    def _row(self, number: int, found: dict[int, Any]) -> Row:
        """A row as text, as wide as the header at least, with a sentence about what is wrong with it."""
        left = self.start[1]
        width = max(max(found) - left + 1, len(getattr(self, "header", ())))
        cells = [""] * width
        fault = ""
        for place, value in found.items():
            if isinstance(value, Fault):
                fault = fault or f"Cell {column_name(place)}{number} {value}."
            elif place < left:
                fault = fault or f"Cell {column_name(place)}{number} stands left of the first column that has a name."
            else:
                text = cells[place - left] = value if isinstance(value, str) else _as_text(value)
                if "\0" in text or len(text) > MAX_CELL:
                    fault = fault or f"Cell {column_name(place)}{number} {_unfit(text)}."
        return number, cells, fault

    def _cells(self) -> Iterator[tuple[int, dict[int, Any]]]:
        with self._opened() as archive:
            reader = SheetReader(self._strings, self._sorts, self._since_1904)
            yield from reader.rows(self._reading(archive)(self._part, MAX_SHEET))

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        """The archive; whatever is wrong with it or its parts becomes a sentence."""
        try:
            if _directory_size(self._path) > MAX_DIRECTORY:
                self._fail("", f"it holds far more files than the {MAX_ENTRIES:,} of a spreadsheet.")
            with zipfile.ZipFile(self._path) as archive:
                yield archive
        except OSError as error:
            self._fail("", f"it cannot be read: {error.strerror or error}.")
        except BrokenSheetError as error:
            self._fail("", f"{error}.")
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
            self._fail("", f"it is cut off, damaged, locked with a password, or no XLSX file ({str(error)[:80]}).")

    def _check(self, archive: zipfile.ZipFile) -> None:
        """What the archive says of itself. It need not be so: what is read is counted too."""
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            self._fail("", f"it holds {len(entries):,} files; a spreadsheet has fewer than {MAX_ENTRIES:,}.")
        for entry in entries:
            if entry.file_size > 1 << 20 and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                self._fail("", f"{entry.filename[:80]} in it unpacks to {MAX_RATIO} times its size.")

    def _choose(self, book: _Book, sheet: str) -> tuple[str, str]:
        """Name and part of the sheet that is read."""
        names = [name for name, _, _ in book.sheets]
        if sheet and sheet not in names:
            self._fail("", f"it has no sheet '{sheet[:60]}', but {', '.join(names)[:200]}.")
        found = [(name, part) for name, part, shown in book.sheets if (name == sheet if sheet else shown)]
        if not found:
            self._fail("", "it has no sheet.")
        return found[0]

    def _reading(self, archive: zipfile.ZipFile) -> Callable[[str, int], Readable]:
        return lambda part, limit: _Limited(archive.open(part), part, limit)

    def _fail(self, row: str, text: str) -> NoReturn:
        raise InputError(Problem(self.name, row, text))


class _Limited:
    """A part of which only so much is read. Raises BrokenSheetError."""

    def __init__(self, stream: Readable, part: str, limit: int) -> None:
        self._stream, self._part, self._limit, self._read = stream, part, limit, 0

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self._read += len(block)
        if self._read > self._limit:
            raise BrokenSheetError(
                f"{self._part[:80]} in it unpacks to more than {self._limit >> 20} MB. Save it as CSV or split it"
            )
        return block


class _Book:
    """The parts of a workbook. sheets: name, part, and whether it is shown."""

    def __init__(self, opened: Callable[[str, int], Readable]) -> None:
        self._opened = opened
        roots = self._links("")
        self._main = next((target for sort, target in roots.values() if sort == "officeDocument"), "xl/workbook.xml")
        self._parts = self._links(self._main)
        self.since_1904 = False
        self.sheets: list[tuple[str, str, bool]] = []
        self._read(self._main, self._begin)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "").lower() in ("1", "true")
        elif name == "sheet":
            link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sort, part = self._parts.get(link, ("", ""))
            if sort == "worksheet":
                self.sheets.append((attributes.get("name", ""), part, attributes.get("state", "visible") == "visible"))

    def strings(self) -> list[str]:
        """The texts that cells share."""
        part = self._part("sharedStrings")
        return shared_strings(self._opened(part, MAX_BYTES)) if part else []

    def styles(self) -> list[str]:
        """What the styles of cells say about their numbers."""
        part = self._part("styles")
        return styles(self._opened(part, MAX_BYTES)) if part else []

    def _part(self, sort: str) -> str:
        return next((target for known, target in self._parts.values() if known == sort), "")

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> (sort, target) of the parts that a part names; of the archive's own where ``part`` is empty."""
        folder, base = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def begin(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                sort = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (sort, target)

        self._read(posixpath.join(folder, "_rels", f"{base}.rels"), begin)
        return found

    def _read(self, part: str, begin: Callable[[str, dict[str, str]], None]) -> None:
        for _ in parse(self._opened(part, MAX_BYTES), begin, None, None):
            pass


def _directory_size(path: Path) -> int:
    """What the end of an archive says of the size of its list of entries; 0 where it says nothing of the kind."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 22))
        end = stream.read()
    found = end.rfind(b"PK\5\6", 0, max(0, len(end) - 18))
    return int.from_bytes(end[found + 12 : found + 16], "little") if found >= 0 else 0


def _unfit(text: str) -> str:
    return "holds a zero character" if "\0" in text else f"has more than {MAX_CELL:,} characters"


def _as_text(value: Any) -> str:
    """What a person would have typed into a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)
