"""What holds for every import: undo restores, interruptions do not show, done twice it changes nothing."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.data import Prepared
from ecrm_server.importing import run
from ecrm_server.importing.progress import Progress
from ecrm_server.kernel.site import Site
from tests.core.importing.tables.crate_steps import HEADER, bring, remembered, stored, take_back, whole
from tests.house.sources import ROOT

pytestmark = pytest.mark.usefixtures("both_engines", "site")
File = Callable[..., Path]

CODES = st.integers(0, 30).map(lambda number: f"C{number}")
ROWS = st.lists(
    st.fixed_dictionaries(
        {"Code": CODES},
        optional={
            "Weight": st.floats(0, 100).map(lambda value: f"{value:.2f}"),
            "Pieces": st.integers(-5, 10**6).map(str),
            "Worth": st.integers(0, 10**6).map(lambda cents: f"{cents / 100:.2f}"),
            "Fragile": st.sampled_from(["yes", "no", "ja"]),
            "Due": st.dates().map(str),
            "Size": st.sampled_from(["Small", "m", "l"]),
            "Country": st.sampled_from(["DE", "France", "Polen", "uk"]),
            "Labels": st.sampled_from(["a", "b;a", "a|b|c"]),
        },
    ),
    max_size=25,
    unique_by=lambda row: row["Code"],
)
examples = settings(
    max_examples=15
)


def table_of(rows: list[dict[str, str]]) -> str:
    """Rows as CSV with every column of a crate."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER.strip().split(","), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def clean() -> None:
    for table in ("import_change", "import_run", "crates_crate"):
        Prepared(f"DELETE FROM {table}").run()


class Stop(BaseException):
    """The process dies."""


class Dying(Progress):
    """Dies after so many chunks."""

    def __init__(self, chunks: int) -> None:
        super().__init__()
        self.left = chunks

    def advance(self, rows: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise Stop


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHUNK", 3)


@examples
@given(before=ROWS, rows=ROWS, mode=st.sampled_from(["both", "create", "update"]))
def test_undo_restores_every_row(file: File, before: list[Any], rows: list[Any], mode: str) -> None:
    clean()
    bring(file(table_of(before)))
    here = whole()
    _, uid = bring(file(table_of(rows)), mode=mode)
    plan, _ = take_back(uid)
    assert plan.refusals == []
    assert whole() == here


@examples
@given(before=ROWS, rows=ROWS)
def test_done_twice_nothing_changes(file: File, before: list[Any], rows: list[Any]) -> None:
    clean()
    bring(file(table_of(before)))
    path = file(table_of(rows))
    bring(path)
    here, known = whole(), remembered()
    counts, _ = bring(path)
    assert counts["unchanged"] == counts["read"] == len(rows)
    assert (whole(), remembered()) == (here, known)


@examples
@given(before=ROWS, rows=ROWS, dies=st.lists(st.integers(0, 6), max_size=3), undone=st.integers(0, 6))
def test_interruptions_do_not_show(
    file: File, before: list[Any], rows: list[Any], dies: list[int], undone: int
) -> None:
    clean()
    bring(file(table_of(before)))
    here = whole()
    path = file(table_of(rows))
    expected, uid = bring(path)
    content = stored()
    take_back(uid)
    for chunks in dies:
        try:
            bring(path, Dying(chunks))
        except Stop:
            continue
        break
    counts, _ = bring(path)
    assert stored() == content
    assert counts["read"] == expected["read"] == len(rows)
    finished = Prepared("SELECT uid FROM import_run WHERE state = 'finished' ORDER BY id DESC").tuples()
    for (latest,) in finished[: len(finished) - 1]:
        try:
            take_back(latest, Dying(undone))
        except Stop:
            take_back(latest)
    assert whole() == here


def test_a_killed_command_goes_on(site: Site, file: File, tmp_path: Path, database_url: str) -> None:
    path = file("Code,Weight\n" + "".join(f"C{number},{number}\n" for number in range(8_000)))
    environment = {
        **os.environ,
        "ECRM_INSTANCE": str(site.config.instance),
        "DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "ecrm_server.cli", "import", "crates", str(path)]
    first = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not stored() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert 0 < len(stored()) < 8_000
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "goes on where it stopped" in done.stderr
    lines = dict(line.split(": ") for line in done.stdout.splitlines())
    assert (lines["read"], lines["created"], lines["failed"]) == ("8000", "8000", "0")
    assert sorted(row[5] for row in stored()) == [float(number) for number in range(8_000)]
