"""The mapped columns of a file as one function from cells to values, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ecrm_server.importing import notation
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
class Converted:
    """A row: its values by field (those of empty cells are missing), and the sentences about what is wrong with it."""

    number: int
    cells: list[str]
    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()


class Columns:
    """Reads the rows of a file. ``unclear``: sentences about columns that can be read in two ways."""

    def __init__(
        self, header: Sequence[str], offered: Sequence[Field], options: Options, rows: Iterable[Row]
    ) -> None:
        self._width = len(header)
        self.unclear: list[str] = []
        known = {item.name: item for item in offered}
        sample = [row[1] for row in islice(rows, LOOKED_AT)]
        self._plan: list[tuple[int, str, str, Callable[[str], Any]]] = []
        for index, column in enumerate(header):
            name = options.mapping.get(column)
            if name is None:
                continue
            item = known.get(name) or Field(UID, UID)
            cells = [cells[index].strip() for cells in sample if index < len(cells) and cells[index].strip()]
            self._plan.append((index, column, name, converter(item, self._notation(column, item, cells, options))))

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
        values: dict[str, Any] = {}
        problems: list[str] = []
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
                problems.append(f"{column} {error}.")
        return Converted(number, cells, values, tuple(problems))

    def _wrong_length(self, cells: list[str]) -> str:
        """Empty cells beyond the header do no harm; missing ones show that a row was cut or its separators are off."""
        if len(cells) > self._width:
            extra = "".join(cells[self._width :]).strip()
            return f"It has {len(cells)} cells, but there are {self._width} columns." if extra else ""
        return f"It ends after {len(cells)} of {self._width} cells."


def _unescaped(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from taking a text for a formula. Raises ValueError."""
    if cell.startswith("="):
        raise ValueError("holds a formula; write its value, or an apostrophe before a text that begins so")
    if cell in _ERRORS:
        raise ValueError(f"holds {cell}, the error of a formula")
    return cell[1:] if cell.startswith(_ESCAPED) or cell.startswith("'#") else cell
