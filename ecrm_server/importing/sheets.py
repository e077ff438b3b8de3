"""The XML inside XLSX files (ECMA-376), read as a stream: memory holds one row and the texts that cells share."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from xml.parsers import expat  # nosec B406 (a DOCTYPE ends it, so that no entity is ever expanded)

_BLOCK = 1 << 16
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DAY_LETTERS = re.compile("[dmyhs]", re.IGNORECASE)
_BUILT_IN = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Numbers of formats of dates and times that files need not spell out; 46 is elapsed time."""
_LAST_DAY = 2_957_000
"""A day in the year 9995, counted as spreadsheets count days, from 1900 or 1904."""
MAX_COLUMNS = 1 << 14
"""Of any spreadsheet."""
_MAX_PIECE = 1 << 20
"""Bytes of one tag or comment, and characters of a cell that are kept; what is longer is told by its length."""


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes: ...


class BrokenSheetError(Exception):
    """A part that is no XML of its kind; the message ends a sentence about the file."""


class Fault(str):
    """A cell that cannot be used: the rest of a sentence that begins with its name."""

    __slots__ = ()


def parse(stream: Readable, begin: Callable[..., None], end: Callable[[str], None] | None, text: Any) -> Iterator[None]:
    """Feed a part to handlers of elements (without prefixes), a block at each step. Raises BrokenSheetError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise BrokenSheetError("it declares entities, as no spreadsheet does")

    def started(name: str, attributes: dict[str, str]) -> None:
        """The first element tells whether names have a prefix, which is rare; looking each time takes a tenth."""
        if ":" in name:
            parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(":")[2], attributes)
            parser.EndElementHandler = end and (lambda name: end(name.rpartition(":")[2]))
        else:
            parser.StartElementHandler = begin
        begin(name.rpartition(":")[2], attributes)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = started
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    fed = 0
    try:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
            fed += len(block)
            if fed - parser.CurrentByteIndex > _MAX_PIECE:
                raise BrokenSheetError("a part of it holds a tag without an end")
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BrokenSheetError(f"a part of it is cut off or damaged ({str(error)[:80]})") from error


def shared_strings(stream: Readable) -> list[str]:
    """The texts that cells refer to by number."""
    found: list[str] = []
    texts = _Texts()

    def end(name: str) -> None:
        texts.end(name)
        if name == "si":
            found.append(texts.take())

    for _ in parse(stream, texts.begin, end, texts.add):
        pass
    return found


class _Texts:
    """Gathers the text of ``t`` elements, without the reading aids (``rPh``) of Asian languages."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self._inside = False
        self._aside = False

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._aside = True
        self._inside = name == "t" and not self._aside

    def end(self, name: str) -> None:
        if name == "rPh":
            self._aside = False
        self._inside = False

    def add(self, text: str) -> None:
        if self._inside and self._size < _MAX_PIECE:
            self._pieces.append(text)
            self._size += len(text)

    def take(self) -> str:
        """The text so far; the next one begins."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return _unescaped(text) if "_x" in text else text


def _unescaped(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def styles(stream: Readable) -> list[str]:
    """For each style of cells, by number: ``date``, ``elapsed`` or empty (a plain number)."""
    sorts: dict[str, str] = {}
    found: list[str] = []
    cells = False

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal cells
        if name == "numFmt":
            number = attributes.get("numFmtId", "")
            sorts[number] = _sort_of(number, attributes.get("formatCode", ""))
        elif name == "cellXfs":
            cells = True
        elif name == "xf" and cells:
            number = attributes.get("numFmtId", "0")
            found.append(sorts[number] if number in sorts else _sort_of(number, None))

    def end(name: str) -> None:
        nonlocal cells
        cells = cells and name != "cellXfs"

    for _ in parse(stream, begin, end, None):
        pass
    return found


def _sort_of(number: str, code: str | None) -> str:
    if code is None:
        known = int(number) if number.isdecimal() and len(number) < 9 else 0
        return "elapsed" if known == 46 else "date" if known in _BUILT_IN else ""
    plain = _QUOTED.sub("", code.partition(";")[0])
    if _ELAPSED.search(plain):
        return "elapsed"
    return "date" if _DAY_LETTERS.search(plain) and plain.strip().lower() != "general" else ""


class SheetReader:
    """The rows of a sheet that hold anything, in their order: number from 1, and value by column from 0.

    A value is a str, bool, int, float, date, datetime, time, timedelta or Fault. Raises BrokenSheetError.
    """

    def __init__(self, strings: list[str], sorts: list[str], since_1904: bool) -> None:
        self._strings = strings
        self._sorts = {str(number): sort for number, sort in enumerate(sorts)}
        self._since_1904 = since_1904
        self._columns: dict[str, int] = {}
        self._ready: list[tuple[int, dict[int, Any]]] = []
        self._row = 0
        self._cells: dict[int, Any] = {}
        self._place = -1
        self._type = self._style = ""
        self._formula = self._valued = self._inside = False
        self._pieces: list[str] = []
        self._size = 0
        self._texts = _Texts()

    def rows(self, stream: Readable) -> Iterator[tuple[int, dict[int, Any]]]:
        """Read a sheet; once only."""
        for _ in parse(stream, self._begin, self._end, self._text):
            yield from self._ready
            self._ready.clear()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._place = self._column(attributes.get("r", ""))
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._formula = self._valued = False
        elif name == "v":
            self._inside = self._valued = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif self._type == "inlineStr":
            self._valued = True
            self._texts.begin(name, attributes)

    def _begin_row(self, text: str) -> None:
        number = self._row + 1
        if text:
            number = int(text) if text.isdecimal() and len(text) < 9 else 0
        if number <= self._row:
            raise BrokenSheetError(f"its row {text[:20]} does not come after row {self._row}")
        self._row, self._place, self._cells = number, -1, {}

    def _column(self, name: str) -> int:
        """The column of a cell, which says it, or comes after the one before."""
        letters = name.rstrip("0123456789")
        found = self._columns.get(letters)
        if found is None:
            found = column_number(letters) if name else self._place + 1
            if not 0 <= found < MAX_COLUMNS:
                raise BrokenSheetError(f"its row {self._row} has a cell {name[:20]} in no column of a spreadsheet")
            if name:
                self._columns[letters] = found
        return found

    def _text(self, text: str) -> None:
        if self._inside:
            self._size += len(text)
            if self._size < _MAX_PIECE:
                self._pieces.append(text)
        elif self._type == "inlineStr":
            self._texts.add(text)

    def _end(self, name: str) -> None:
        if name == "v":
            self._inside = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if self._cells:
                self._ready.append((self._row, self._cells))
        elif self._type == "inlineStr":
            self._texts.end(name)

    def _end_cell(self) -> None:
        if self._type == "inlineStr":
            value: Any = self._texts.take()
        else:
            text = "".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            value = self._value(text) if text else ""
            if not text and self._formula and not (self._valued and self._type == "str"):
                value = Fault("holds a formula without its value. Open the file in a spreadsheet program and save it")
        self._type = ""
        if value != "":
            self._cells[self._place] = value

    def _value(self, text: str) -> Any:
        if self._type == "s":
            number = int(text) if text.strip().isdecimal() and len(text) < 12 else -1
            return self._strings[number] if 0 <= number < len(self._strings) else Fault("refers to no text")
        if self._type in ("str", "d"):
            return _unescaped(text) if "_x" in text else text
        if self._type == "b":
            return text.strip() == "1"
        if self._type == "e":
            return Fault("holds the error of a formula")
        return self._number(text)

    def _number(self, text: str) -> Any:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            return Fault(f"holds '{text[:40]}', which is no number")
        sort = self._sorts.get(self._style)
        if sort and 0 <= value < _LAST_DAY:
            return _elapsed(value) if sort == "elapsed" else self._moment(value)
        return int(value) if value.is_integer() and abs(value) < 1e15 else value

    def _moment(self, days: float) -> date | datetime | time:
        """A count of days as a date, a time of the day, or both. In 1900 spreadsheets know a 29 February."""
        first = date(1904, 1, 1) if self._since_1904 else date(1899, 12, 30 if days >= 60 else 31)
        moment = datetime.combine(first, time()) + _elapsed(days)
        if days < 1:
            return moment.time()
        return moment.date() if days.is_integer() else moment


def _elapsed(days: float) -> timedelta:
    return timedelta(milliseconds=round(days * 86_400_000))


def column_number(name: str) -> int:
    """The place of a column from 0 by its letters; -1 for none."""
    number = 0
    for letter in name[:4]:
        if not "A" <= letter <= "Z":
            return -1
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_name(place: int) -> str:
    """The letters of a column, counted from 0."""
    name, number = "", place + 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name
