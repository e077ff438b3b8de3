"""The second pass: phases of rows, written in chunks, each with its checkpoint in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import by_index
from ecrm_server.errors import Conflict, EcrmError
from ecrm_server.events.outbox import importing
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.progress import Progress

CHUNK = 500
"""Rows of a transaction: a fraction of a second, so that a running server's writers do not wait long."""

_OPEN = Prepared(
    "SELECT id, phase, position, counts FROM import_run"
    " WHERE kind = ? AND source = ? AND digest = ? AND state = 'running' ORDER BY id DESC LIMIT 1"
)
_SUPERSEDE = Prepared(
    "UPDATE import_run SET state = 'superseded', updated_at = ? WHERE kind = ? AND source = ? AND state = 'running'"
)
_BEGIN = Prepared(
    "INSERT INTO import_run (uid, kind, source, path, digest, state, phase, position, counts, started_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, 'running', '', 0, '{}', ?, ?) RETURNING id"
)
_CLAIM = Prepared(
    "UPDATE import_run SET phase = ?, position = ?, updated_at = ?"
    " WHERE id = ? AND phase = ? AND position = ? AND state IN ('running', 'undoing')"
)
_COUNTS = Prepared("UPDATE import_run SET counts = ? WHERE id = ?")
_FINISH = Prepared("UPDATE import_run SET state = ?, finished_at = ?, updated_at = ? WHERE id = ?")


def _as_they_are(rows: list[Any]) -> Any:
    return rows


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the second pass.

    rows: gives all rows, in the same order every time. write: gets a chunk (as ``prepare`` returned it) and the
    counts, inside a transaction in which events are marked as imported. prepare: what takes time and may read but
    not write; it runs before the transaction. total: how many rows, where that is known.
    """

    name: str
    rows: Callable[[], Iterable[Any]]
    write: Callable[[Any, Counts], None]
    total: int | None = None
    prepare: Callable[[list[Any]], Any] = _as_they_are


@dataclass(slots=True)
class Run:
    """An import that is going on; ``resumed`` when an earlier one of the same input was interrupted."""

    id: int
    phase: str
    position: int
    counts: Counts
    resumed: bool

    def advance(self, phase: str, position: int) -> None:
        """Claim the next rows, in their transaction. Raises Conflict when another process is at them."""
        if not _CLAIM.run(phase, position, clock.now(), self.id, self.phase, self.position):
            raise Conflict("Another process is carrying out this import, or has replaced it.")
        self.phase, self.position = phase, position

    def save_counts(self) -> None:
        """Store the counts, in the same transaction."""
        _COUNTS.run(json.dumps(self.counts), self.id)


def digest_of(files: Iterable[Path], *options: str) -> str:
    """A digest of the content of files and of options. Raises EcrmError for a file that cannot be read."""
    whole = sha256("\x00".join(options).encode())
    for path in files:
        try:
            with path.open("rb") as stream:
                one = sha256()
                while block := stream.read(1 << 20):
                    one.update(block)
        except OSError as error:
            raise EcrmError(f"{path.name} cannot be read: {error.strerror}.") from error
        whole.update(f"\x00{path.name}\x00{one.hexdigest()}".encode())
    return whole.hexdigest()


def begin(kind: str, source: str, path: Path, digest: str, names: Sequence[str] = ()) -> Run:
    """Go on with an interrupted run of the same input, or start a new one. names: counts that are always shown."""
    with transaction():
        found = _OPEN.row(kind, source, digest)
        if found is not None:
            counts = Counts.of(names, json.loads(found["counts"]))
            return Run(found["id"], found["phase"], found["position"], counts, resumed=True)
        now = clock.now()
        _SUPERSEDE.run(now, kind, source)
        number = _BEGIN.value(ids.public_id(), kind, source, str(path)[:500], digest, now, now)
    return Run(int(number), "", 0, Counts.of(names), resumed=False)


def carry_out(run: Run, phases: Sequence[Phase], progress: Progress, state: str = "finished") -> Counts:
    """Write everything that is not written yet; then the run is in ``state``. Returns the counts of the whole run."""
    names = [phase.name for phase in phases]
    first = names.index(run.phase) if run.phase in names else 0
    with by_index():
        for phase in phases[first:]:
            _carry_out(run, phase, progress)
    with transaction():
        _FINISH.run(state, clock.now(), clock.now(), run.id)
    return run.counts


def _carry_out(run: Run, phase: Phase, progress: Progress) -> None:
    done = run.position if run.phase == phase.name else 0
    progress.start(phase.name, phase.total, done)
    rest = islice(phase.rows(), done, None)
    while chunk := list(islice(rest, CHUNK)):
        ready = phase.prepare(chunk)
        with transaction(), importing():
            run.advance(phase.name, done + len(chunk))
            phase.write(ready, run.counts)
            run.save_counts()
        done += len(chunk)
        progress.advance(len(chunk))
