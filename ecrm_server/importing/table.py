"""Importing a table: a first pass that checks every row and writes nothing, and a second that writes in chunks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.data.bulk import by_index
from ecrm_server.importing import changes
from ecrm_server.importing.added import remember_added
from ecrm_server.importing.changes import Note
from ecrm_server.importing.columns import Columns, Converted
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.failures import FailureBook, FailureFile
from ecrm_server.importing.gathering import BESIDE_BAD, Gathered
from ecrm_server.importing.judge import Judge, Verdict
from ecrm_server.importing.kind import UID, Added, ImportKind, Refused, Written
from ecrm_server.importing.opening import open_table
from ecrm_server.importing.options import Options, propose, settled
from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.references import References
from ecrm_server.importing.remarks import Remarks
from ecrm_server.importing.run import CHUNK, Phase
from ecrm_server.importing.workbook import XlsxFile

NAMES = ("read", "created", "updated", "unchanged", "skipped", "failed")
"""Counts that are always shown."""
TOGETHER = "taken together"
KEPT = "local edits kept"
LEFT_OUT = "cells left out"
DIFFERING = "differing values"
MAX_ROWS = 1_000_000
"""Of a file: the values of its key column are kept in memory while it is checked, a hundred bytes each."""
SHOWN = 200
"""Problems that are kept to be shown; the file of failed rows holds all."""
PREVIEWED = 20


class Flags:
    """A set of row numbers, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        if number // 8 >= len(self._bits):
            self._bits.extend(bytes(number // 8 - len(self._bits) + 4096))
        self._bits[number // 8] |= 1 << number % 8

    def __contains__(self, number: int) -> bool:
        return number // 8 < len(self._bits) and bool(self._bits[number // 8] & 1 << number % 8)


@dataclass(slots=True)
class Checked:
    """What the first pass found. counts: what the second would do. unclear: sentences that forbid it altogether."""

    counts: Counts
    unclear: list[str]
    problems: list[Problem] = field(default_factory=list)
    failed: Flags = field(default_factory=Flags)
    preview: list[dict[str, Any]] = field(default_factory=list)
    """The first rows: number, values by field, problems, and what would become of them."""
    remarks: Remarks = field(default_factory=Remarks)

    def refuse(self, name: str, keep_good: bool) -> None:
        """Raise InputError unless the import may go on."""
        if self.unclear:
            raise InputError(Problem(name, "", self.unclear[0]), len(self.unclear) - 1)
        if self.problems and not keep_good:
            raise InputError(self.problems[0], self.counts["failed"] - 1)


class TableImport:
    """One file on its way to the objects of a kind; a context. Raises InputError and Refusal when it does not fit."""

    def __init__(self, kind: ImportKind, path: Path, name: str, options: Options, actor: Actor) -> None:
        self.kind, self.name = kind, name
        self._actor = actor
        self.source = open_table(path, name, options)
        self.fields = list(kind.fields())
        if not options.mapping:
            options = replace(options, mapping=propose(self.source.header, self.fields))
        self.options = settled(options, kind, self.fields, self.source.header)
        self._columns = Columns(self.source.header, self.fields, self.options, self.source.rows())
        self._references = References(self._columns.mapped.values())
        self._titles = {item.name: item.title for item in self.fields}
        self._gathered: Gathered | None = None
        self._open = ExitStack()

    def __enter__(self) -> TableImport:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._open.close()

    def failure_file(self, folder: Path, *, csv: bool = False) -> FailureFile:
        """Where failed rows are to be written: a file of the same sort as the source. csv: CSV in any case."""
        if isinstance(self.source, XlsxFile) and not csv:
            return FailureBook(folder / "failed.xlsx", self.source)
        return FailureFile(folder / "failed.csv", self.source.header, self.source.separator)

    def check(self, failures: FailureFile, progress: Progress) -> Checked:
        """The first pass. It reads only; what it finds wrong goes to ``failures`` too."""
        checked = Checked(Counts.of(NAMES), list(self._columns.unclear))
        if checked.unclear:
            return checked
        self._gather(progress)
        progress.start("checking", None)
        with by_index():
            self._check(checked, failures, progress)
        return checked

    def _check(self, checked: Checked, failures: FailureFile, progress: Progress) -> None:
        judge = Judge(self.kind, self.fields, self.options)
        first: dict[int, int] = {}
        for chunk in _chunks(self._items()):
            rows = self._read(chunk)
            if self._gathered is None:
                rows = [self._once(row, first) for row in rows]
            for verdict in judge.judge(rows):
                _count(verdict, checked.counts)
                self._note(verdict, checked, failures)
            self._limit(checked.counts["read"])
            progress.advance(len(chunk))

    def _gather(self, progress: Progress) -> None:
        """Take rows together, where that was chosen and is not done yet; they stay so for the second pass."""
        if not self.options.together or self._gathered is not None:
            return
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="ecrm-import-")))
        progress.start("taking together", None)
        read = 0

        def look(_number: int) -> None:
            nonlocal read
            read += 1
            if read % CHUNK == 0:
                self._limit(read)
                progress.advance(CHUNK)

        self._gathered = Gathered(self._columns, self.options, self.source.rows(), folder, look)

    def _limit(self, read: int) -> None:
        if read > MAX_ROWS:
            raise InputError(Problem(self.name, "", f"it has more than {MAX_ROWS:,} rows. Split it."))

    def _items(self) -> Iterator[Any]:
        """What is written one by one: the rows of the file, or records of several; in the same order every time."""
        return self.source.rows() if self._gathered is None else self._gathered.items()

    def _read(self, items: list[Any]) -> list[Converted]:
        rows = items if self._gathered is not None else [self._columns.read(row) for row in items]
        return self._references.resolved(rows)

    def _once(self, row: Converted, first: dict[int, int]) -> Converted:
        """The row, with a problem when an earlier one has the same key."""
        value = row.values.get(self.options.key)
        if value is None:
            return row
        known = first.setdefault(hash(value.casefold() if isinstance(value, str) else value), row.number)
        if known == row.number:
            return row
        column = next(name for name, target in self.options.mapping.items() if target == self.options.key)
        return replace(row, problems=(*row.problems, f"{column} {str(value)[:60]} stands in row {known} already."))

    def _note(self, verdict: Verdict, checked: Checked, failures: FailureFile) -> None:
        row = verdict.row
        checked.remarks.add(verdict)
        if verdict.problems:
            checked.failed.add(row.number)
            for part, problems in self._failed(row, verdict.problems):
                failures.add(part.number, part.cells, problems)
                own = part.problems or (part.number == row.number and BESIDE_BAD not in problems)
                if own and len(checked.problems) < SHOWN:
                    checked.problems.append(Problem(self.name, f"row {part.number}", " ".join(problems)))
        if len(checked.preview) < PREVIEWED:
            texts = row.extra.texts if row.extra is not None else {}
            checked.preview.append(
                {
                    "number": row.number,
                    "values": {**row.values, **texts},
                    "problems": list(verdict.problems),
                    "result": _result(verdict),
                    "changed": list(verdict.before),
                }
            )

    def _failed(self, row: Converted, problems: Sequence[str]) -> Iterator[tuple[Converted, Sequence[str]]]:
        """Each row of the file that a failed one stands for, with its own problems or those of all."""
        if self._gathered is None:
            yield row, problems
            return
        for part in self._gathered.rows_of(row):
            yield part, part.problems or problems

    def phase(self, run: int, checked: Checked) -> Phase:
        """The second pass, for a run that stands in the table."""
        judge = Judge(self.kind, self.fields, self.options, run)

        def write(rows: list[Converted], counts: Counts) -> None:
            good = [row for row in rows if row.number not in checked.failed]
            bad = sum(row.rows for row in rows if row.number in checked.failed)
            counts.add("read", bad)
            counts.add("failed", bad)
            verdicts = judge.judge(good)
            self._write(run, verdicts, counts)
            for verdict in verdicts:
                _count(verdict, counts)

        total = checked.counts["read"] if self._gathered is None else self._gathered.total
        return Phase("rows", self._items, write, total, self._read)

    def _write(self, run: int, verdicts: Sequence[Verdict], counts: Counts) -> None:
        """Write a chunk and what is remembered of it."""
        asked = [verdict for verdict in verdicts if verdict.change is not None and verdict.change.values]
        results = self.kind.write([v.change for v in asked if v.change is not None], self._actor) if asked else ()
        uids: dict[int, str] = {}
        added: list[tuple[int, Added]] = []
        for verdict, result in zip(asked, results, strict=True):
            number = verdict.row.number
            if isinstance(result, Refused):
                verdict.problems.append(result.sentence(self._titles))
            elif isinstance(result, Written):
                uids[number] = result.uid
                added += [(number, item) for item in result.added]
                verdict.after |= {name: changes.digest(value) for name, value in result.values.items()}
            else:
                uids[number] = result
        made = [uids[v.row.number] for v in asked if v.creates and not v.problems]
        wholes = {item.uid: changes.whole(item.values) for _, item in self.kind.find(UID, made)} if made else {}
        remember_added(run, added, counts)
        notes = [note for verdict in verdicts for note in self._remembered(verdict, uids, wholes)]
        changes.write(run, self.kind.name, notes)

    def _remembered(self, verdict: Verdict, uids: dict[int, str], wholes: dict[str, str]) -> list[Note]:
        """What is remembered of a row. wholes: digests of the objects created."""
        row, change = verdict.row, verdict.change
        if verdict.problems:
            return [
                Note(part.number, "", changes.FAILED, {"reason": " ".join(problems), "cells": part.cells})
                for part, problems in self._failed(row, verdict.problems)
            ]
        if change is None:
            return []
        if not change.values:
            return [Note(row.number, change.uid or "", changes.SEEN, {}, verdict.after)]
        if change.uid is None:
            uid = uids[row.number]
            return [Note(row.number, uid, changes.CREATED, {changes.WHOLE: wholes.get(uid, "")}, verdict.after)]
        return [Note(row.number, change.uid, changes.UPDATED, verdict.before, verdict.after)]


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _result(verdict: Verdict) -> str:
    """The name of the count of a row."""
    if verdict.problems:
        return "failed"
    if verdict.skipped:
        return "skipped"
    if verdict.change is None or not verdict.change.values:
        return "unchanged"
    return "created" if verdict.creates else "updated"


def _count(verdict: Verdict, counts: Counts) -> None:
    """Count a row once, under one name; those that were taken together with it as such, unless they share its fate."""
    result, rows, extra = _result(verdict), verdict.row.rows, verdict.row.extra
    whole = result in ("failed", "skipped")
    counts.add("read", rows)
    counts.add(result, rows if whole else 1)
    if rows > 1 and not whole:
        counts.add(TOGETHER, rows - 1)
    if result == "skipped":
        counts.add(verdict.skipped, rows)
    if verdict.kept:
        counts.add(KEPT, verdict.kept)
    if whole:
        return
    left, differing = len(verdict.left), 0
    if extra is not None:
        left, differing = left + sum(count for count, _ in extra.left.values()), len(extra.differing)
    for name, number in ((LEFT_OUT, left), (DIFFERING, differing)):
        if number:
            counts.add(name, number)
