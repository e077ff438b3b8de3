"""Importing a table: a first pass that checks every row and writes nothing, and a second that writes in chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.importing import changes
from ecrm_server.importing.changes import Note
from ecrm_server.importing.columns import Columns, Converted
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.csvrows import Row
from ecrm_server.importing.failures import FailureFile
from ecrm_server.importing.judge import Judge, Verdict
from ecrm_server.importing.kind import UID, ImportKind, Refused
from ecrm_server.importing.opening import open_table
from ecrm_server.importing.options import Options, propose, settled
from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.run import CHUNK, Phase

NAMES = ("read", "created", "updated", "unchanged", "skipped", "failed")
"""Counts that are always shown."""
KEPT = "local edits kept"
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

    def refuse(self, name: str, keep_good: bool) -> None:
        """Raise InputError unless the import may go on."""
        if self.unclear:
            raise InputError(Problem(name, "", self.unclear[0]), len(self.unclear) - 1)
        if self.problems and not keep_good:
            raise InputError(self.problems[0], self.counts["failed"] - 1)


class TableImport:
    """One file on its way to the objects of a kind. Raises InputError and Refusal when the file does not fit."""

    def __init__(self, kind: ImportKind, path: Path, name: str, options: Options, actor: Actor) -> None:
        self.kind, self.name = kind, name
        self._actor = actor
        self.source = open_table(path, name, options)
        self.fields = list(kind.fields())
        if not options.mapping:
            options = replace(options, mapping=propose(self.source.header, self.fields))
        self.options = settled(options, kind, self.fields, self.source.header)
        self._columns = Columns(self.source.header, self.fields, self.options, self.source.rows())
        self._titles = {item.name: item.title for item in self.fields}

    def failure_file(self, path: Path) -> FailureFile:
        """Where failed rows are to be written."""
        return FailureFile(path, self.source.header, self.source.separator)

    def check(self, failures: FailureFile, progress: Progress) -> Checked:
        """The first pass. It reads only; what it finds wrong goes to ``failures`` too."""
        progress.start("checking", None)
        checked = Checked(Counts.of(NAMES), list(self._columns.unclear))
        if checked.unclear:
            return checked
        judge = Judge(self.kind, self.fields, self.options)
        first: dict[int, int] = {}
        for chunk in _chunks(self.source.rows()):
            rows = [self._once(self._columns.read(row), first) for row in chunk]
            for verdict in judge.judge(rows):
                _count(verdict, checked.counts)
                self._note(verdict, checked, failures)
            if checked.counts["read"] > MAX_ROWS:
                raise InputError(Problem(self.name, "", f"it has more than {MAX_ROWS:,} rows. Split it."))
            progress.advance(len(chunk))
        return checked

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
        if verdict.problems:
            checked.failed.add(row.number)
            failures.add(row.cells, verdict.problems)
            if len(checked.problems) < SHOWN:
                checked.problems.append(Problem(self.name, f"row {row.number}", " ".join(verdict.problems)))
        if len(checked.preview) < PREVIEWED:
            checked.preview.append(
                {
                    "number": row.number,
                    "values": dict(row.values),
                    "problems": list(verdict.problems),
                    "result": _result(verdict),
                    "changed": list(verdict.before),
                }
            )

    def phase(self, run: int, checked: Checked) -> Phase:
        """The second pass, for a run that stands in the table."""
        judge = Judge(self.kind, self.fields, self.options, run)

        def prepare(rows: list[Row]) -> list[Converted]:
            return [self._columns.read(row) for row in rows]

        def write(rows: list[Converted], counts: Counts) -> None:
            good = [row for row in rows if row.number not in checked.failed]
            counts.add("read", len(rows) - len(good))
            counts.add("failed", len(rows) - len(good))
            verdicts = judge.judge(good)
            self._write(run, verdicts)
            for verdict in verdicts:
                _count(verdict, counts)

        return Phase("rows", self.source.rows, write, checked.counts["read"], prepare)

    def _write(self, run: int, verdicts: Sequence[Verdict]) -> None:
        """Write a chunk and what is remembered of it."""
        asked = [verdict for verdict in verdicts if verdict.change is not None and verdict.change.values]
        results = self.kind.write([v.change for v in asked if v.change is not None], self._actor) if asked else ()
        uids: dict[int, str] = {}
        for verdict, result in zip(asked, results, strict=True):
            if isinstance(result, Refused):
                verdict.problems.append(result.sentence(self._titles))
            else:
                uids[verdict.row.number] = result
        made = [uids[v.row.number] for v in asked if v.creates and not v.problems]
        wholes = {item.uid: changes.whole(item.values) for _, item in self.kind.find(UID, made)} if made else {}
        notes = [note for v in verdicts if (note := _remembered(v, uids, wholes)) is not None]
        changes.write(run, self.kind.name, notes)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
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
    counts.add("read")
    counts.add(_result(verdict))
    if verdict.skipped and not verdict.problems:
        counts.add(verdict.skipped)
    if verdict.kept:
        counts.add(KEPT, verdict.kept)


def _remembered(verdict: Verdict, uids: dict[int, str], wholes: dict[str, str]) -> Note | None:
    """What is remembered of a row; None: nothing new. wholes: digests of the objects created."""
    row, change = verdict.row, verdict.change
    if verdict.problems:
        return Note(row.number, "", changes.FAILED, {"reason": " ".join(verdict.problems), "cells": row.cells})
    if change is None:
        return None
    if not change.values:
        return Note(row.number, change.uid or "", changes.SEEN, {}, verdict.after)
    if change.uid is None:
        uid = uids[row.number]
        return Note(row.number, uid, changes.CREATED, {changes.WHOLE: wholes.get(uid, "")}, verdict.after)
    return Note(row.number, change.uid, changes.UPDATED, verdict.before, verdict.after)
