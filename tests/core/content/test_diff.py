from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.content.diff import CONTEXT, Line, diff

lines_of_text = st.lists(st.text(alphabet="ab \n.", max_size=12), max_size=12).map("\n".join)


def side(lines: list[Line], kind: str) -> list[str]:
    """One version, put together from what the diff shows of it."""
    return [
        "".join(text for part, text in line.segments if part in ("same", kind))
        for line in lines
        if line.op in ("same", "changed", kind)
    ]


def test_changed_words_are_marked_inside_their_line() -> None:
    assert diff("a\nthe quick fox", "a\nthe slow fox") == [
        Line("same", (("same", "a"),)),
        Line("changed", (("same", "the "), ("removed", "quick"), ("added", "slow"), ("same", " fox"))),
    ]


def test_lines_with_little_in_common_are_removed_and_added() -> None:
    assert [line.op for line in diff("one", "two")] == ["removed", "added"]


def test_long_unchanged_runs_are_folded() -> None:
    old = "\n".join(f"line {number}" for number in range(30))
    shown = diff(old, old.replace("line 15", "line fifteen"))
    assert [line.op for line in shown] == ["skip"] + ["same"] * CONTEXT + ["changed"] + ["same"] * CONTEXT + [
        "skip"
    ]
    assert [line.count for line in shown if line.op == "skip"] == [12, 11]


def test_equal_texts_have_no_diff() -> None:
    assert diff("a\nb", "a\nb") == []


@settings(max_examples=150)
@given(lines_of_text, lines_of_text)
def test_both_versions_can_be_read_from_the_diff(old: str, new: str) -> None:
    shown = diff(old, new)
    if shown and not any(line.op == "skip" for line in shown):
        assert side(shown, "removed") == old.splitlines()
        assert side(shown, "added") == new.splitlines()
    hidden = sum(line.count for line in shown if line.op == "skip")
    if shown:
        assert len(side(shown, "added")) + hidden == len(new.splitlines())


@pytest.mark.parametrize(
    "old,new",
    [
        ("a\n" * 5_000, "a\nb\n" * 2_500),
        ("w " * 20_000, " w" * 20_000),
        ("\n".join(["w " * 250] * 200), "\n".join(["w v " * 125] * 200)),
        ("\n".join(map(str, range(20_000))), "\n".join(map(str, range(20_000, 0, -1)))),
    ],
)
def test_hostile_versions_are_compared_within_seconds(old: str, new: str) -> None:
    before = time.process_time()
    assert diff(old, new)
    assert time.process_time() - before < 8  # comparing some of these to the end takes minutes
