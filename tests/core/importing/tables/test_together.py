"""Rows that repeat a key as parts of one record, rows without a key, and cells that do not fit."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecrm_server.errors import Refusal
from ecrm_server.importing import run
from ecrm_server.importing.collecting import HOWS, collector, possible
from ecrm_server.importing.kind import Field
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.progress import Progress
from tests.core.importing.tables.crate_steps import bring, check, remembered, stored, table, take_back

File = Callable[..., Path]
on_a_site = pytest.mark.usefixtures("both_engines", "site")

LINES = (
    "Order,Code,Country,Weight,Pieces,Worth,Due,Labels\n"
    "1,P1,EIRE,1.5,2,1.00,2026-03-02,a\n"
    "1,P2,Unspecified,2,1,2.00,2026-03-01,b\n"
    "2,,France,9,9,9.00,2026-01-01,c\n"
    "2,p1,EIRE,2.5,4,0.50,2026-03-01,b;c\n"
    "3,P1,RSA,6,9,1.02,2026-03-05,a\n"
)  # fmt: skip
WAYS = {
    "Order": "different", "Weight": "median", "Worth": "average", "Due": "smallest", "Labels": "all", "Pieces": "sum",
}  # fmt: skip


@on_a_site
def test_rows_that_repeat_a_key_become_one_record(file: File, tmp_path: Path) -> None:
    ways = {column: way for column, way in WAYS.items() if column != "Order"}
    counts, uid = bring(
        file(LINES), together=True, collect=ways, no_key="leave out", unfit={"Country": "leave out"}
    )
    assert dict(counts) == {
        "read": 5, "created": 2, "updated": 0, "unchanged": 0, "skipped": 1, "failed": 0, "taken together": 2,
        "differing values": 1, "skipped (no key)": 1, "cells left out": 1,
    }  # fmt: skip
    assert counts["read"] == sum(counts[name] for name in ("created", "skipped", "taken together"))
    found = [(row[0], row[3], row[5], row[6], row[7], row[9], row[11]) for row in stored()]
    assert found == [
        ("P1", "IE", 2.5, 15, 84, "2026-03-01", '["a", "b", "c"]'),
        ("P2", None, 2.0, 1, 200, "2026-03-01", '["b"]'),
    ]
    take_back(uid)
    assert stored() == []


@on_a_site
def test_what_was_left_out_and_what_differs_is_told(file: File, tmp_path: Path) -> None:
    options: dict[str, Any] = {"together": True, "no_key": "leave out", "unfit": {"Country": "leave out"}}
    with table(file(LINES + "3,P1,Italy,,,,,\n3,P3,Unspecified,,,,,\n"), **options) as going:
        checked, _ = check(going, tmp_path)
    assert checked.remarks.sentences() == [
        "Country is 'Unspecified', which names no country (left out in 2 rows, first in row 3).",
        "Code P1: Weight is '1.5' in row 2 and '2.5' in row 5; the first one counts.",
        "Code P1: Pieces is '2' in row 2 and '4' in row 5; the first one counts.",
        "Code P1: Worth is '1.00' in row 2 and '0.50' in row 5; the first one counts.",
        "Code P1: Due is '2026-03-02' in row 2 and '2026-03-01' in row 5; the first one counts.",
        "Code P1: Labels is 'a' in row 2 and 'b;c' in row 5; the first one counts.",
        "Code P1: Country is 'EIRE' in row 2 and 'RSA' in row 6; the first one counts.",
    ]
    assert [(item["number"], item["result"]) for item in checked.preview] == [
        (2, "created"), (3, "created"), (4, "skipped"), (8, "created"),
    ]  # fmt: skip


@on_a_site
def test_a_record_with_a_bad_row_fails_with_all_its_rows_and_comes_back_whole(file: File, tmp_path: Path) -> None:
    text = "Code,Pieces\nP1,1\nP2,5\nP1,many\nP1,3\n,7\n"
    with pytest.raises(InputError, match="row 4: Pieces is 'many', which is no number"):
        bring(file(text), together=True, collect={"Pieces": "sum"})
    counts, _ = bring(file(text), together=True, collect={"Pieces": "sum"}, keep_good=True)
    assert (counts["read"], counts["created"], counts["failed"]) == (5, 1, 4)
    with (tmp_path / "failed.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.reader(stream))[1:]
    beside = "It belongs together with a row that cannot be imported."
    assert rows == [
        ["P1", "1", beside],
        ["P1", "many", "Pieces is 'many', which is no number."],
        ["P1", "3", beside],
        ["", "7", "Code is empty, but rows are told apart by it."],
    ]
    corrected = (tmp_path / "failed.csv").read_text("utf-8-sig").replace("P1,many", "P1,2")
    bring(file(corrected, "corrected.csv"), together=True, collect={"Pieces": "sum"}, no_key="leave out")
    assert [(row[0], row[6]) for row in stored()] == [("P1", 6), ("P2", 5)]


@on_a_site
def test_what_the_part_refuses_fails_with_all_rows_or_is_left_out(file: File, tmp_path: Path) -> None:
    counts, _ = bring(file("Code,Pieces\nghost,1\nghost,2\nP1,1\n"), together=True, keep_good=True)
    assert (counts["failed"], counts["created"]) == (2, 1)
    assert (tmp_path / "failed.csv").read_text("utf-8-sig").count("Ghosts are not taken.") == 2
    text = "Code,Weight,Pieces\nP3,heavy,1\nP4,2,x\n"
    counts, _ = bring(file(text), unfit={"Weight": "leave out", "Pieces": "leave out"})
    assert (counts["created"], counts["cells left out"]) == (2, 2)
    assert [(row[0], row[5], row[6]) for row in stored()] == [
        ("P1", None, 1), ("P3", None, 1), ("P4", 2.0, None),
    ]  # fmt: skip


@on_a_site
@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"together": True, "collect": {"Sender": "sum"}}, "Sender: 'sum' makes no Sender. Choose one of first, last."),
        ({"together": True, "collect": {"Code": "last"}}, "Code is the key"),
        ({"unfit": {"Code": "leave out"}}, "Code is the key"),
        ({"unfit": {"Weight": "add"}}, "Weight: nothing new can be added as Weight"),
        ({"unfit": {"Colour": "leave out"}}, "Colour fills no field, so 'leave out' means nothing there."),
        ({"collect": {"Weight": "sum"}}, "Only of rows that are taken together"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(file: File, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        table(file("Code,Weight,Sender\nP1,1,\n"), **options)


class Stop(BaseException):
    """The process dies."""


class Dying(Progress):
    """Dies after so many chunks of the second pass."""

    def __init__(self, chunks: int) -> None:
        super().__init__()
        self._left = chunks
        self._writes = False

    def start(self, name: str, total: int | None, done: int = 0) -> None:
        self._writes = name == "rows"

    def advance(self, rows: int) -> None:
        self._left -= self._writes
        if self._left < 0:
            raise Stop


@on_a_site
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.integers(0, 6), st.integers(-50, 50)), min_size=1, max_size=40), dies=st.integers(0, 4)
)
def test_records_are_what_their_rows_say_however_often_one_begins(
    file: File, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[int, int]], dies: int
) -> None:
    monkeypatch.setattr(run, "CHUNK", 2)
    path = file("Code,Pieces\n" + "".join(f"C{code},{pieces}\n" for code, pieces in rows))
    expected = {f"C{code}": sum(pieces for one, pieces in rows if one == code) for code, _ in rows}
    options: dict[str, Any] = {"together": True, "collect": {"Pieces": "sum"}}
    try:
        _, uid = bring(path, Dying(dies), **options)
    except Stop:
        counts, uid = bring(path, **options)
        assert counts["read"] == len(rows) == counts["created"] + counts.get("taken together", 0)
    assert {row[0]: row[6] for row in stored()} == expected
    known = remembered()
    counts, again = bring(path, **options)
    assert (counts["unchanged"], remembered()) == (len(expected), known)
    take_back(uid)
    assert stored() == []
    take_back(again)


VALUES = {
    "integer": [3, 1, 2, 2], "number": [3.0, 1.0, 2.5, 2.5], "money": [300, 101, 200, 200],
    "date": ["2026-01-02", "2026-01-01"], "time": [5, 3, 4], "text": ["b", "a"],
}  # fmt: skip
EXPECTED = {
    "integer": [3, 2, 1, 3, 8, 2, 2, 4, 3],
    "number": [3.0, 2.5, 1.0, 3.0, 9.0, 2.25, 2.5, 4.0, 3.0],
    "money": [300, 200, 101, 300, 801, 200, 200],
    "date": ["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-02"],
    "time": [5, 4, 3, 5],
    "text": ["b", "a"],
}


@pytest.mark.parametrize("kind", list(VALUES))
def test_values_are_collected_in_every_way_that_makes_sense(kind: str) -> None:
    item = Field("x", "X", kind, currency="EUR")
    found = [collector(item, how)(VALUES[kind]) for how in possible(item)]
    assert found == EXPECTED[kind]
    assert [type(value) for value in found] == [type(VALUES[kind][0])] * len(found)


def test_halves_of_whole_numbers_are_rounded_up() -> None:
    assert collector(Field("x", "X", "integer"), "median")([2, 3]) == 3
    assert collector(Field("x", "X", "money", currency="EUR"), "average")([1, 2]) == 2
    several = Field("x", "X", several=True)
    assert possible(several) == ["first", "last", "all"]
    assert collector(several, "all")([["b"], ["a", "b"]]) == ["a", "b"]
    assert set(HOWS) >= set(possible(several))
