"""Chunks, checkpoints and what is left of an interrupted run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict
from ecrm_server.events.outbox import is_importing
from ecrm_server.importing import run as runs
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.run import CHUNK, Phase, begin, carry_out, digest_of
from ecrm_server.kernel.site import Site

pytestmark = pytest.mark.usefixtures("both_engines", "site")
TOTAL = 3 * CHUNK + 7


def start(digest: str = "abc") -> runs.Run:
    return begin("things", "there", Path("folder"), digest, ["things written"])


def store(rows: list[int], counts: Counts) -> None:
    """Write something with each row, once and only once."""
    assert is_importing()
    for row in rows:
        Prepared("INSERT INTO setting (name, value, changed_at) VALUES (?, '1', 0)").run(f"row.{row}")
    counts.add("things written", len(rows))


def failing(after: int) -> Callable[[list[int], Counts], None]:
    def write(rows: list[int], counts: Counts) -> None:
        store(rows, counts)
        if rows[-1] >= after:
            raise KeyboardInterrupt

    return write


def phases(write: Callable[[list[int], Counts], None] = store) -> list[Phase]:
    return [
        Phase("first", lambda: range(10), store),
        Phase("second", lambda: range(10, TOTAL), write, TOTAL - 10, prepare=list),
    ]


def stored() -> int:
    return int(Prepared("SELECT COUNT(*) FROM setting WHERE name LIKE 'row.%'").value())


def test_every_row_is_written_once(site: Site) -> None:
    counts = carry_out(start(), phases(), Progress())
    assert stored() == counts["things written"] == TOTAL
    assert Prepared("SELECT state FROM import_run").value() == "finished"


def test_an_interrupted_run_goes_on_at_its_checkpoint(site: Site) -> None:
    with pytest.raises(KeyboardInterrupt):
        carry_out(start(), phases(failing(2 * CHUNK)), Progress())
    assert 10 < stored() < TOTAL
    again = start()
    assert again.resumed
    assert again.position == stored() - 10
    assert carry_out(again, phases(), Progress())["things written"] == stored() == TOTAL


def test_other_input_starts_a_run_of_its_own(site: Site) -> None:
    with pytest.raises(KeyboardInterrupt):
        carry_out(start(), phases(failing(2 * CHUNK)), Progress())
    assert not start("other").resumed
    states = Prepared("SELECT state FROM import_run ORDER BY id").tuples()
    assert states == [("superseded",), ("running",)]


def test_a_second_process_stops_instead_of_writing_twice(site: Site) -> None:
    slow = start()

    def rows() -> Iterator[int]:
        yield from range(10)

    carry_out(start(), [Phase("first", rows, store)], Progress())
    with pytest.raises(Conflict, match="Another process"):
        carry_out(slow, phases(), Progress())
    assert stored() == 10


def test_the_digest_tells_files_and_options_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    found = {digest_of([one]), digest_of([two]), digest_of([one, two]), digest_of([one], "option")}
    one.write_text("y")
    assert len(found | {digest_of([one])}) == 5
