"""What is to become of each row: compared with what is there, and with what imports brought before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.importing import changes
from ecrm_server.importing.changes import Known, digest
from ecrm_server.importing.columns import Converted
from ecrm_server.importing.kind import UID, Change, Field, Found, ImportKind
from ecrm_server.importing.options import Options
from ecrm_server.importing.values import Convert, comparable

EXISTS = "skipped (exists already)"
MISSING = "skipped (not found)"
NO_KEY = "skipped (no key)"


@dataclass(slots=True)
class Verdict:
    """What is to become of one row. change: what to write, or None. problems: why it fails. skipped: the count's name.
    kept: fields whose local edit wins. before: of the fields that change. after: digests of what the file brings.
    left: sentences about values that the kind refuses and that are left out."""

    row: Converted
    change: Change | None = None
    problems: list[str] = field(default_factory=list)
    skipped: str = ""
    kept: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def creates(self) -> bool:
        return self.change is not None and self.change.uid is None


class Judge:
    """Judges batches of rows for one import. ``run``: its id, or 0 while nothing is written."""

    def __init__(self, kind: ImportKind, offered: Sequence[Field], options: Options, run: int = 0) -> None:
        self._kind, self._options, self._run = kind, options, run
        self._comparable: dict[str, Convert | None] = {item.name: comparable(item) for item in offered}
        self._titles = {item.name: item.title for item in offered}
        self._required = [item.name for item in offered if item.required]
        self._together = [(item.name, item.goes_with) for item in offered if item.goes_with]
        self._parts: dict[str, list[str]] = {}
        for item in offered:
            if item.part_of:
                self._parts.setdefault(item.part_of, []).append(item.name)
        self._leaving = {
            options.mapping[column] for column, chosen in options.unfit.items() if chosen == "leave out"
        }

    def judge(self, rows: Sequence[Converted]) -> list[Verdict]:
        """A verdict for each row, in order. Reads only."""
        verdicts = [Verdict(row, problems=list(row.problems)) for row in rows]
        keys = [row.values.get(self._options.key) for row in rows]
        for verdict, key in zip(verdicts, keys, strict=True):
            if verdict.row.extra is not None and verdict.row.extra.no_key:
                verdict.skipped = NO_KEY
            elif key is None and not verdict.problems:
                title = self._titles.get(self._options.key, self._options.key)
                verdict.problems.append(f"{title} is empty, but rows are told apart by it.")
        found = self._find([key for verdict, key in zip(verdicts, keys, strict=True) if _is_open(verdict)])
        known = changes.known(self._kind.name, {item.uid for items in found.values() for item in items.values()})
        taken: set[str] = set()
        for verdict, key in zip(verdicts, keys, strict=True):
            if _is_open(verdict):
                self._one(verdict, found.get(key, {}), known, taken)
        self._check(verdicts)
        return verdicts

    def _find(self, keys: Sequence[Any]) -> dict[Any, dict[str, Found]]:
        found: dict[Any, dict[str, Found]] = {}
        for key, item in self._kind.find(self._options.key, keys) if keys else ():
            found.setdefault(key, {})[item.uid] = item
        return found

    def _one(
        self, verdict: Verdict, items: Mapping[str, Found], known: Mapping[str, Known], taken: set[str]
    ) -> None:
        mode = self._options.mode
        if not items:
            if mode == "update":
                verdict.skipped = MISSING
            elif self._options.key == UID:
                verdict.problems.append("There is nothing with this id.")
            else:
                self._create(verdict)
            return
        if len(items) > 1:
            labels = ", ".join(sorted(item.label for item in items.values())[:3])
            verdict.problems.append(f"It could mean several: {labels}.")
            return
        item = next(iter(items.values()))
        before = known.get(item.uid, Known())
        if item.uid in taken or (self._run and before.run == self._run):
            verdict.problems.append(f"It means {item.label}, which an earlier row brought already.")
            return
        taken.add(item.uid)
        if mode == "create":
            verdict.skipped = EXISTS
        else:
            self._update(verdict, item, before.digests)

    def _create(self, verdict: Verdict) -> None:
        given = self._whole(verdict.row, new=True)
        values = {name: value for name, value in given.items() if value is not None and name != UID}
        missing = [self._titles[name] for name in self._required if name not in values]
        if missing:
            verdict.problems.append(f"{' and '.join(missing)} must not be empty.")
            return
        verdict.change = Change(None, values)
        if self._run:
            verdict.after = {name: digest(value) for name, value in values.items()}

    def _update(self, verdict: Verdict, item: Found, brought: Mapping[str, str]) -> None:
        values: dict[str, Any] = {}
        for name, value in self._whole(verdict.row).items():
            if name == UID or value is None:
                continue
            present = self.present(item, name)
            last = brought.get(name)
            if present == value:
                if self._run and last != (now := digest(value)):
                    verdict.after[name] = now
            elif last is not None and last != digest(present):
                verdict.kept += 1
            else:
                values[name] = value
                verdict.before[name] = item.values.get(name)
                verdict.after[name] = digest(value)
        for name, other in self._together:
            value = verdict.row.values.get(name)
            if other in values and value is not None and name not in values:
                values[name] = value
                verdict.before[name] = item.values.get(name)
                verdict.after[name] = digest(value)
        if values:
            verdict.change = Change(item.uid, values)
        elif verdict.after:
            verdict.change = Change(item.uid, {})

    def _whole(self, row: Converted, *, new: bool = False) -> Mapping[str, Any]:
        """The values with parts joined; what is there keeps its whole while a part is empty."""
        values = dict(row.values)
        for whole, parts in self._parts.items():
            said = [values[name] for name in parts if values.get(name)]
            if said:
                values = {name: value for name, value in values.items() if name not in parts}
                if new or len(said) == len(parts):
                    values[whole] = " ".join(said)
        return values

    def present(self, item: Found, name: str) -> Any:
        """A field's value as it is here, in the shape of a converted one."""
        value = item.values.get(name)
        convert = self._comparable.get(name)
        return value if value is None or convert is None else convert(value)

    def _check(self, verdicts: Sequence[Verdict]) -> None:
        """Ask the kind about what is to be written; what it refuses of a column is left out where one chose so."""
        asked = [verdict for verdict in verdicts if verdict.change is not None and verdict.change.values]
        while asked:
            again: list[Verdict] = []
            refused = self._kind.check([verdict.change for verdict in asked if verdict.change is not None])
            for index, refusal in refused.items():
                verdict = asked[index]
                sentence = refusal.sentence(self._titles)
                if verdict.change is not None and refusal.field in self._leaving & verdict.change.values.keys():
                    _leave_out(verdict, verdict.change, refusal.field, sentence)
                    again.append(verdict)
                else:
                    verdict.problems.append(sentence)
                    verdict.change = None
            asked = [verdict for verdict in again if verdict.change is not None and verdict.change.values]


def _is_open(verdict: Verdict) -> bool:
    return not verdict.problems and not verdict.skipped


def _leave_out(verdict: Verdict, change: Change, name: str, sentence: str) -> None:
    rest = {known: value for known, value in change.values.items() if known != name}
    verdict.left.append(sentence.rstrip("."))
    verdict.before.pop(name, None)
    verdict.after.pop(name, None)
    verdict.change = Change(change.uid, rest) if rest or verdict.after or change.uid is None else None
