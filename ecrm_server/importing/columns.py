"""The mapped columns of a file as one function from cells to values, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ecrm_server.importing import notation
from ecrm_server.importing.collecting import COUNTING, FIRST
from ecrm_server.importing.csvrows import Row
from ecrm_server.importing.kind import UID, Field
from ecrm_server.importing.notation import Notation, UnclearError
from ecrm_server.importing.options import Options
from ecrm_server.importing.values import converter

LOOKED_AT = 1_000
"""Rows over which it is found out how dates and numbers are written."""

_ERRORS = frozenset(("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"))
_ESCAPED = ("'=", "'+", "'-", "'@", "'\t", "'\r")


@dataclass(frozen=True, slots=True)
class Extra:
    """What there is to say of some rows only.

    no_key: its key is empty, and such rows are left out. left: sentences about cells that were left out, with how many
    there were and the row of the first. also: how many later rows were taken together with it. differing: sentences
    about their values. parts: where these rows are kept. texts: what the cells say that name other objects, by field.
    """

    no_key: bool = False
    left: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    also: int = 0
    differing: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Converted:
    """A row: its values by field (those of empty cells are missing), and the sentences about what is wrong with it."""

    number: int
    cells: list[str]
    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()
    extra: Extra | None = None

    @property
    def rows(self) -> int:
        """How many rows of the file it stands for."""
        return 1 + self.extra.also if self.extra is not None else 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column that fills a field. leaves_out: whether its cells are left out where they do not fit."""

    index: int
    title: str
    field: Field
    convert: Callable[[str], Any]
    leaves_out: bool
    adds: bool


class Columns:
    """Reads the rows of a file. ``unclear``: sentences about columns that can be read in two ways."""

    def __init__(
        self, header: Sequence[str], offered: Sequence[Field], options: Options, rows: Iterable[Row]
    ) -> None:
        self._header = list(header)
        self._width = len(header)
        self.unclear: list[str] = []
        known = {item.name: item for item in offered}
        sample = [row[1] for row in islice(rows, LOOKED_AT)]
        self.mapped: dict[str, Column] = {}
        for index, title in enumerate(header):
            name = options.mapping.get(title)
            if name is None:
                continue
            item = known.get(name) or Field(UID, UID)
            cells = [cells[index].strip() for cells in sample if index < len(cells) and cells[index].strip()]
            if options.collect.get(title, FIRST) in COUNTING:
                convert: Callable[[str], Any] = str
            else:
                convert = converter(item, self._notation(title, item, cells, options))
            unfit = options.unfit.get(title)
            self.mapped[name] = Column(index, title, item, convert, unfit == "leave out", unfit == "add")
        self.key = self.mapped.get(options.key)
        self._plan = [(item.index, item.title, name, item.convert) for name, item in self.mapped.items()]
        self._leaving = frozenset(item.title for item in self.mapped.values() if item.leaves_out)
        self._skipping = self.key.index if self.key is not None and options.no_key == "leave out" else None

    def _notation(self, column: str, item: Field, cells: list[str], options: Options) -> Notation:
        day_first, comma = True, False
        try:
            if item.convert is None and item.type in ("date", "time"):
                day_first = notation.day_first(cells, options.dates)
            elif item.convert is None and item.type in ("integer", "number", "money"):
                comma = notation.decimal_comma(cells, options.decimals, whole=item.type == "integer")
        except UnclearError as error:
            self.unclear.append(f"{column} {error}.")
        return Notation(day_first, comma, options.zone)

    def read(self, row: Row) -> Converted:
        """Convert a row."""
        number, cells, fault = row
        if fault:
            return Converted(number, cells, {}, (fault,))
        if len(cells) != self._width and (unlike := self._wrong_length(cells)):
            return Converted(number, cells, {}, (unlike,))
        if self._skipping is not None and not cells[self._skipping].strip():
            return Converted(number, cells, {}, (), Extra(no_key=True))
        values: dict[str, Any] = {}
        problems: list[str] = []
        left: dict[str, tuple[int, int]] = {}
        for index, column, name, convert in self._plan:
            cell = cells[index].strip()
            if not cell:
                continue
            first = cell[0]
            try:
                if first in "='#":
                    cell = _unescaped(cell)
                values[name] = convert(cell)
            except ValueError as error:
                if column in self._leaving:
                    left[f"{column} {error}"] = (1, number)
                else:
                    problems.append(f"{column} {error}.")
        return Converted(number, cells, values, tuple(problems), Extra(left=left) if left else None)

    def key_of(self, row: Row) -> Any:
        """The value of the key of a row that can be read so far; None where there is none."""
        _, cells, fault = row
        if fault or self.key is None or (len(cells) != self._width and self._wrong_length(cells)):
            return None
        cell = cells[self.key.index].strip()
        try:
            return self.key.convert(_unescaped(cell) if cell[:1] in ("=", "'", "#") else cell) if cell else None
        except ValueError:
            return None

    def text(self, name: str, cells: Sequence[str]) -> str:
        """What the cell of a field says."""
        return cells[self.mapped[name].index].strip()

    def _wrong_length(self, cells: list[str]) -> str:
        """Empty cells beyond the header do no harm; missing ones show that a row was cut or its separators are off."""
        if len(cells) > self._width:
            extra = "".join(cells[self._width :]).strip()
            return f"It has {len(cells)} cells, but there are {self._width} columns." if extra else ""
        return f"It ends after {len(cells)} of {self._width} cells: {self._header[len(cells)]} is missing."


def _unescaped(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from taking a text for a formula. Raises ValueError."""
    if cell.startswith("="):
        raise ValueError("holds a formula; write its value, or an apostrophe before a text that begins so")
    if cell in _ERRORS:
        raise ValueError(f"holds {cell}, the error of a formula")
    return cell[1:] if cell.startswith(_ESCAPED) or cell.startswith("'#") else cell
