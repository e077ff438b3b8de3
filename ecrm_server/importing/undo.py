"""Undoing an import: what it created is removed, what it changed is restored, unless somebody built on it since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.importing import changes
from ecrm_server.importing.changes import digest
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.judge import Judge
from ecrm_server.importing.kind import UID, Change, Found, ImportKind, Refused
from ecrm_server.importing.options import Options
from ecrm_server.importing.run import CHUNK, Phase
from ecrm_server.kernel import current

NAMES = ("removed", "restored", "gone already", "kept")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that is not undone, and why."""

    label: str
    url: str
    reason: str


@dataclass(slots=True)
class Plan:
    """What undoing would do. refusals: the first of those that it would not undo; ``counts["kept"]`` counts all.
    total: how many changes there are, with those of objects that were added beside."""

    counts: Counts
    refusals: list[Kept] = field(default_factory=list)
    total: int = 0


class Undo:
    """The undoing of one run of a kind."""

    def __init__(self, kind: ImportKind, run: int, actor: Actor) -> None:
        self._kind, self._run, self._actor = kind, run, actor
        offered = list(kind.fields())
        self._titles = {item.name: item.title for item in offered}
        self._judge = Judge(kind, offered, Options(), run)

    def plan(self, advance: Callable[[int], None] = lambda rows: None) -> Plan:
        """What would happen. Reads only."""
        plan = Plan(Counts.of(NAMES))
        last = changes.NEWEST
        while rows := changes.done(self._run, last, CHUNK):
            own = [row for row in rows if row["kind"] == self._kind.name]
            found, refused = self._look(own)
            for row in own:
                if row["id"] in refused:
                    item = found[row["object_uid"]]
                    if len(plan.refusals) < SHOWN:
                        plan.refusals.append(Kept(item.label, item.url, refused[row["id"]]))
                plan.counts.add(_result(row, found, refused))
            last = rows[-1]["id"]
            plan.total += len(rows)
            advance(len(rows))
        return plan

    def phase(self, total: int) -> Phase:
        """The undoing itself."""
        return Phase("undo", self._rows, self._write, total)

    def _rows(self) -> Iterator[dict[str, Any]]:
        last = changes.NEWEST
        while rows := changes.done(self._run, last, CHUNK):
            yield from rows
            last = rows[-1]["id"]

    def _write(self, rows: list[dict[str, Any]], counts: Counts) -> None:
        self._undo([row for row in rows if row["kind"] == self._kind.name], counts)
        others = [row for row in rows if row["kind"] != self._kind.name]
        for name in dict.fromkeys(row["kind"] for row in others):
            added = [row for row in others if row["kind"] == name]
            kind = current.generation().registry.imports.get(name)
            if kind is None:  # its part is off, so nobody can say what hangs on them
                counts.add("kept", len(added))
            else:
                Undo(kind, self._run, self._actor)._undo(added, counts)

    def _undo(self, rows: list[dict[str, Any]], counts: Counts) -> None:
        """Undo changes of objects of the own kind."""
        found, refused = self._look(rows)
        good = [row for row in rows if row["object_uid"] in found and row["id"] not in refused]
        removed = [row["object_uid"] for row in good if row["what"] == changes.CREATED]
        restored = [row for row in good if row["what"] == changes.UPDATED]
        earlier = [Change(row["object_uid"], row["before"]) for row in restored]
        results = self._kind.write(earlier, self._actor) if earlier else ()
        for row, result in zip(restored, results, strict=True):
            if isinstance(result, Refused):
                refused[row["id"]] = result.sentence(self._titles)
        if removed:
            self._kind.remove(removed, self._actor)
        for row in rows:
            counts.add(_result(row, found, refused))

    def _look(self, rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Found], dict[int, str]]:
        """The objects that are still there, and why changes (by id) are not undone."""
        uids = [row["object_uid"] for row in rows]
        found = {item.uid: item for _, item in self._kind.find(UID, uids)}
        created = [row["object_uid"] for row in rows if row["what"] == changes.CREATED and row["object_uid"] in found]
        blocked = self._kind.blocked(created) if created else {}
        refused: dict[int, str] = {}
        for row in rows:
            item = found.get(row["object_uid"])
            if item is None:
                continue
            edited = [name for name, kept in row["after"].items() if self._differs(item, row, name, kept)]
            if edited:
                names = ", ".join(self._titles.get(name, name) for name in edited)
                refused[row["id"]] = f"Changed since the import: {names}."
            elif row["before"].get(changes.WHOLE, "") not in ("", changes.whole(item.values)):
                refused[row["id"]] = "Changed since the import."
            elif row["what"] == changes.CREATED and item.uid in blocked:
                refused[row["id"]] = blocked[item.uid]
        return found, refused

    def _differs(self, item: Found, row: dict[str, Any], name: str, kept: str) -> bool:
        """Whether a field is no longer as the import left it. (Of an update, ``after`` names seen fields too.)"""
        if row["what"] == changes.UPDATED and name not in row["before"]:
            return False
        return digest(self._judge.present(item, name)) != kept


def _result(row: dict[str, Any], found: dict[str, Found], refused: dict[int, str]) -> str:
    """The name of the count of a change."""
    if row["object_uid"] not in found:
        return "gone already"
    if row["id"] in refused:
        return "kept"
    return "removed" if row["what"] == changes.CREATED else "restored"
