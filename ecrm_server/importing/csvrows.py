"""CSV as people's programs write it: encoding and separator are found out, rows are read one at a time."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.unpacking import open_bytes

ENCODINGS = {"auto": "", "utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}
"""What can be chosen, and Python's name for it. Windows-1252 fits any bytes, so it is never guessed."""
SEPARATORS = {"auto": "", "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SAMPLE = 1 << 16
MAX_LINE = 1 << 20
"""Characters of a line; a file without line ends must not be read into memory."""
MAX_GAP = 1_000_000
"""Empty rows one after the other, which count nowhere and could go on for ever in a packed file."""
MAX_CELL = 1 << 17
"""Characters of a cell, which is what the csv module takes."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNFIT = re.compile("[\0\ud800-\udfff\ufffd]")
_CONTROLS = bytes({*range(9), *range(14, 32)})
MAX_COLUMNS = 1_000
_STATED = re.compile(r"sep=([^\w\s\"\udc80-\udcff]|\t)\r?\n?", re.IGNORECASE)

Row = tuple[int, list[str], str]
"""The number of a row as a spreadsheet shows it (the header is row 1), its cells, and a sentence about what is wrong
with it (empty: nothing)."""


class CsvFile:
    """A CSV file. encoding and separator: keys of ENCODINGS and SEPARATORS."""

    def __init__(self, path: Path, name: str, encoding: str = "auto", separator: str = "auto") -> None:
        self.name = name
        self._path = path
        with open_bytes(path, name) as stream:
            sample = stream.read(SAMPLE)
        found = self._find_encoding(sample)
        self._encoding = ENCODINGS[encoding] or found
        text = sample.decode(self._encoding, _errors(self._encoding))
        stated = _STATED.match(text)
        self._skipped = 1 if stated else 0
        self.header: list[str] = []
        self.separator = SEPARATORS[separator] or (stated[1] if stated else _find_separator(text))
        first = next(self._records(), None)
        if first is None or not any(cell.strip() for cell in first[1]):
            self._fail("row 1", "it has no header: the first row must name the columns.")
        if first[2]:
            self._fail("row 1", f"the header cannot be read: {first[2]}")
        self.header = unique_names(first[1])
        if len(self.header) > MAX_COLUMNS:
            self._fail("row 1", too_wide(self.header))

    def rows(self) -> Iterator[Row]:
        """The rows below the header that hold anything. Raises InputError where the file cannot be read on."""
        records = self._records()
        next(records)
        last = 1
        for record in records:
            if record[2] or "".join(record[1]).strip():
                last = record[0]
                yield record
            elif record[0] - last > MAX_GAP:
                self._fail(f"row {last + 1}", f"more than {MAX_GAP:,} empty rows follow. Is this a CSV file?")

    def _records(self) -> Iterator[Row]:
        lines = _Lines(self._path, self.name, self._encoding)
        with lines:
            for _ in range(self._skipped):
                next(lines, None)
            reader = csv.reader(lines, delimiter=self.separator, strict=True)
            number = self._skipped
            while True:
                number += 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield number, [], self._quoting(number, str(error))
                    continue
                if lines.unfit:
                    lines.unfit = False
                    yield number, cells, _say_unfit(cells, self.header)
                else:
                    yield number, cells, ""

    def _quoting(self, number: int, error: str) -> str:
        if "unexpected end" in error:
            self._fail(f"row {number}", "the file is cut off: a quoted text that begins here does not end.")
        if "field limit" in error:
            self._fail(
                f"row {number}",
                f"a cell has more than {MAX_CELL:,} characters; probably the quote that ends it is missing.",
            )
        return "The quotes in this row do not match: a quote inside a quoted text must be written twice."

    def _find_encoding(self, sample: bytes) -> str:
        for bom, name in _BOMS:
            if sample.startswith(bom):
                return name
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if max(even, odd) > len(sample) // 4 and min(even, odd) <= len(sample) // 50:
            return "utf-16-le" if odd > even else "utf-16-be"
        if len(sample.translate(None, _CONTROLS)) * 20 < len(sample) * 19:
            self._fail("", "it is no text, so it cannot be a CSV file.")
        return "utf-8"

    def _fail(self, row: str, text: str) -> NoReturn:
        raise InputError(Problem(self.name, row, text))


class _Lines:
    """The lines of a file; ``unfit`` is set when one held what no text may hold."""

    def __init__(self, path: Path, name: str, encoding: str) -> None:
        self._name = name
        self.unfit = False
        self._stream = io.TextIOWrapper(open_bytes(path, name), encoding, _errors(encoding), newline="")
        self._number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) >= MAX_LINE:
            text = f"line {self._number} has more than {MAX_LINE:,} characters. Is this a CSV file?"
            raise InputError(Problem(self._name, "", text))
        if (not line.isascii() or "\0" in line) and _UNFIT.search(line):
            self.unfit = True
        return line

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _errors(encoding: str) -> str:
    """How bytes that do not fit become characters by which their row and column are found."""
    return "replace" if encoding.startswith("utf-16") else "surrogateescape"


def _say_unfit(cells: list[str], header: list[str]) -> str:
    for index, cell in enumerate(cells):
        found = _UNFIT.search(cell)
        if found is None:
            continue
        column = header[index] if index < len(header) else f"Column {index + 1}"
        if found[0] == "\0":
            return f"{column} holds a zero character."
        if found[0] == "\ufffd":
            return f"{column} holds a character that was lost when the file was written or cut."
        return (
            f"{column} holds the byte 0x{ord(found[0]) & 0xFF:02X}, which is no UTF-8 here."
            " If an older program for Windows wrote the file, choose the encoding windows-1252."
        )
    return ""


def _find_separator(text: str) -> str:
    """The separator with which the first rows have the most columns, and all the same number."""
    lines = text.splitlines(keepends=True)[:50]
    if len(text) >= SAMPLE // 4 and len(lines) > 1:
        lines.pop()  # it may be cut
    best, found = (0, 0), ","
    for separator in SEPARATORS.values():
        if not separator:
            continue
        try:
            records = [record for record in csv.reader(lines, delimiter=separator) if record][:20]
        except csv.Error:
            continue
        width = len(records[0]) if records else 0
        agreeing = sum(len(record) == width for record in records)
        if width > 1 and (agreeing, width) > best:
            best, found = (agreeing, width), separator
    return found


def too_wide(header: list[str]) -> str:
    """A sentence about a header that names more columns than anybody could choose fields for."""
    return f"it names {len(header):,} columns, but at most {MAX_COLUMNS:,} can be imported. Remove some."


def unique_names(cells: list[str]) -> list[str]:
    """The names of columns: a nameless one is called by its number, a second one of a name gets a number too."""
    last = next((number for number in range(len(cells), 0, -1) if cells[number - 1].strip()), 0)
    names: dict[str, None] = {}
    used: dict[str, int] = {}
    for number, cell in enumerate(cells[:last], 1):
        base = name = " ".join(cell.split())[:120] or f"Column {number}"
        while name in names:
            used[base] = used.get(base, 1) + 1
            name = f"{base} ({used[base]})"
        names[name] = None
    return list(names)
