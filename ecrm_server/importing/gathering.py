"""Rows that repeat a key as one record each. They are parted by key on disk, so that memory holds a part of them."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from ecrm_server.importing.collecting import FIRST, SINGLE, collector
from ecrm_server.importing.columns import Column, Columns, Converted, Extra
from ecrm_server.importing.csvrows import Row
from ecrm_server.importing.kind import UID
from ecrm_server.importing.options import Options

PARTS = 16
BESIDE_BAD = "It belongs together with a row that cannot be imported."
_ALONE = "alone"


class Gathered:
    """The records of a file, in the order of their first rows; rows without a key that can be read stand alone.

    folder: an empty one, which must stay as long as this is used. look: is told of every row that was read.
    """

    def __init__(
        self, columns: Columns, options: Options, rows: Iterable[Row], folder: Path, look: Callable[[int], None]
    ) -> None:
        self._columns, self._folder = columns, folder
        ways = {name: options.collect.get(column.title, FIRST) for name, column in columns.mapped.items()}
        self._collected = {
            name: (column, ways[name], collector(column.field, ways[name])) for name, column in columns.mapped.items()
        }
        self._part(rows, look)
        self.total = sum(self._gather(number) for number in range(PARTS)) + self._alone

    def _part(self, rows: Iterable[Row], look: Callable[[int], None]) -> None:
        """Write each row to the part of its key."""
        self._alone = 0
        with ExitStack() as stack:
            parts = [stack.enter_context(self._path(number).open("w")) for number in range(PARTS)]
            alone = stack.enter_context(self._path(_ALONE).open("w"))
            for row in rows:
                look(row[0])
                key = self._columns.key_of(row)
                target = alone
                if key is None:
                    self._alone += 1
                else:
                    target = parts[crc32(repr(_folded(key)).encode(errors="replace")) % PARTS]
                target.write(_line(row))

    def _gather(self, number: int) -> int:
        """Take the rows of a part together and write its records, by their first rows; returns how many."""
        records: dict[Any, _Record] = {}
        with self._path(number).open("rb") as stream:
            place = stream.tell()
            for line in stream:
                row = self._columns.read(_row(line))
                key = _folded(row.values[self._key])
                record = records.get(key)
                if record is None:
                    record = records[key] = _Record(row.number)
                self._add(record, row, place)
                place += len(line)
        with self._path(f"{number}-records").open("w") as target:
            for record in records.values():
                target.write(_line(self._told(record, number)))
        return len(records)

    @property
    def _key(self) -> str:
        return self._columns.key.field.name if self._columns.key is not None else UID

    def _add(self, record: _Record, row: Converted, place: int) -> None:
        record.places.append(place)
        record.bad = record.bad or bool(row.problems)
        for name, value in row.values.items():
            column, way, _ = self._collected[name]
            known = record.values.setdefault(name, [])
            if not known or way != FIRST:
                known.append(value)
            if way in SINGLE and name != self._key:
                self._compare(record, row, column, way)
        if row.extra is not None:
            for sentence, (count, _) in row.extra.left.items():
                seen, first = record.left.get(sentence, (0, row.number))
                record.left[sentence] = (seen + count, first)

    def _compare(self, record: _Record, row: Converted, column: Column, way: str) -> None:
        """Note the first row whose value differs from the first one."""
        name = column.field.name
        text = self._columns.text(name, row.cells)
        number, first = record.texts.setdefault(name, (row.number, text))
        if name not in record.differing and record.values[name][0] != row.values[name]:
            record.differing[name] = (
                f"{column.title} is '{first[:60]}' in row {number} and '{text[:60]}' in row {row.number};"
                f" the {way} one counts."
            )

    def _told(self, record: _Record, part: int) -> list[Any]:
        values = {name: self._collected[name][2](found) for name, found in record.values.items()}
        key = f"{self._collected[self._key][0].title} {str(values[self._key])[:60]}"
        differing = [f"{key}: {sentence}" for sentence in record.differing.values()]
        return [record.number, values, record.bad, record.left, differing, [part, *record.places]]

    def items(self) -> Iterator[Converted]:
        """All records and the rows that stand alone, each with the number of its first row."""
        runs = [self._records(number) for number in range(PARTS)]
        return heapq.merge(*runs, self._singles(), key=lambda item: item.number)

    def _records(self, number: int) -> Iterator[Converted]:
        with self._path(f"{number}-records").open("rb") as stream:
            for line in stream:
                first, values, bad, left, differing, parts = json.loads(line)
                extra = Extra(
                    left={sentence: (count, row) for sentence, (count, row) in left.items()},
                    also=len(parts) - 2, differing=tuple(differing), parts=tuple(parts),
                )  # fmt: skip
                problems = (BESIDE_BAD,) if bad else ()
                yield Converted(first, [], values, problems, extra)

    def _singles(self) -> Iterator[Converted]:
        with self._path(_ALONE).open("rb") as stream:
            for line in stream:
                yield self._columns.read(_row(line))

    def rows_of(self, record: Converted) -> Iterator[Converted]:
        """The rows of a record as they stand in the file, those that are at fault with their own problems."""
        if record.extra is None or not record.extra.parts:
            yield record
            return
        part, *places = record.extra.parts
        with self._path(part).open("rb") as stream:
            for place in places:
                stream.seek(place)
                yield self._columns.read(_row(stream.readline()))

    def _path(self, name: int | str) -> Path:
        return self._folder / f"{name}.jsonl"


@dataclass(slots=True)
class _Record:
    """Rows of one key while they are taken together. number: of the first. places: where they stand in their part."""

    number: int
    places: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    texts: dict[str, tuple[int, str]] = field(default_factory=dict)
    differing: dict[str, str] = field(default_factory=dict)
    left: dict[str, tuple[int, int]] = field(default_factory=dict)
    bad: bool = False


def _folded(key: Any) -> Any:
    return key.casefold() if isinstance(key, str) else key


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def _row(line: bytes) -> Row:
    number, cells, fault = json.loads(line)
    return number, cells, fault
