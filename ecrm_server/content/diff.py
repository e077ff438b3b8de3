"""What changed between two versions of a text, for a reader: lines, and words inside changed lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "removed", "added", "changed", "skip"]
Kind = Literal["same", "removed", "added"]

CONTEXT = 3
"""Unchanged lines shown on each side of a change."""

_LINE_PAIRS = 50_000  # equal pairs of lines that a comparison may meet: its time grows with them
_WORD_PAIRS = 150_000  # the same for words, in all changed lines together; beyond it lines are shown whole
_ALIKE = 0.3  # below this share of common words a line is shown as removed and added, not as changed
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the diff.

    `segments` are (kind, text) in reading order; only a "changed" line mixes kinds. A "skip" stands for
    `count` unchanged lines that are not shown and has no segments.
    """

    op: Op
    segments: tuple[tuple[Kind, str], ...] = ()
    count: int = 1


def diff(old: str, new: str) -> list[Line]:
    """The lines of both versions, unchanged runs folded. Empty if nothing changed; time is bounded."""
    if old == new:
        return []
    return list(_folded(_Comparison().lines(old.splitlines(), new.splitlines())))


class _Comparison:
    """One comparison and what is left of its budget."""

    def __init__(self) -> None:
        self.word_pairs = _WORD_PAIRS

    def lines(self, old: list[str], new: list[str]) -> Iterator[Line]:
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        yield from (_whole("same", line) for line in old[:start])
        yield from self._middle(old[start : len(old) - end], new[start : len(new) - end])
        yield from (_whole("same", line) for line in old[len(old) - end :])

    def _middle(self, old: list[str], new: list[str]) -> Iterator[Line]:
        if _equal_pairs(old, new) > _LINE_PAIRS:
            yield from self._replaced(old, new, pairs=False)
            return
        for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if op == "equal":
                yield from (_whole("same", line) for line in old[i1:i2])
            else:
                yield from self._replaced(old[i1:i2], new[j1:j2], pairs=True)

    def _replaced(self, old: list[str], new: list[str], *, pairs: bool) -> Iterator[Line]:
        """Lines in place of others; line by line where their numbers agree and the words do."""
        if pairs and len(old) == len(new):
            for before, after in zip(old, new, strict=True):
                changed = self._words(before, after)
                yield from (changed,) if changed else (_whole("removed", before), _whole("added", after))
            return
        yield from (_whole("removed", line) for line in old)
        yield from (_whole("added", line) for line in new)

    def _words(self, before: str, after: str) -> Line | None:
        old, new = _TOKEN.findall(before), _TOKEN.findall(after)
        pairs = _equal_pairs(old, new)
        if pairs > self.word_pairs:
            return None
        self.word_pairs -= pairs
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        kept = sum(
            len(word)
            for block in matcher.get_matching_blocks()
            for word in old[block.a : block.a + block.size]
        )
        if 2 * kept < _ALIKE * (len(before) + len(after)):
            return None
        return Line("changed", tuple(_segments(matcher, old, new)))


def _equal_pairs(old: list[str], new: list[str]) -> int:
    """How many (old, new) pairs are equal: what SequenceMatcher walks through, again and again."""
    counts = Counter(new)
    return sum(number * counts[item] for item, number in Counter(old).items())


def _segments(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> Iterator[tuple[Kind, str]]:
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            yield "same", "".join(old[i1:i2])
            continue
        if i1 < i2:
            yield "removed", "".join(old[i1:i2])
        if j1 < j2:
            yield "added", "".join(new[j1:j2])


def _common(old: list[str], new: list[str]) -> int:
    """How many lines at the beginning are equal."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        count += 1
    return count


def _whole(op: Kind, text: str) -> Line:
    return Line(op, ((op, text),))


def _folded(lines: Iterator[Line]) -> Iterator[Line]:
    """Replace the inside of long unchanged runs by a skip."""
    run: list[Line] = []
    first = True
    for line in lines:
        if line.op == "same":
            run.append(line)
            continue
        yield from _fold(run, 0 if first else CONTEXT, CONTEXT)
        run, first = [], False
        yield line
    yield from _fold(run, 0 if first else CONTEXT, 0)


def _fold(run: list[Line], head: int, tail: int) -> Iterator[Line]:
    hidden = len(run) - head - tail
    # A skip takes a line itself: hiding one line would gain nothing.
    if hidden < 2:
        yield from run
        return
    yield from run[:head]
    yield Line("skip", count=hidden)
    yield from run[len(run) - tail :]
