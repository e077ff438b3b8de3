"""What an import tells beside its counts: cells that were left out, and values that differ in one record."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecrm_server.importing.judge import Verdict

SHOWN = 100
"""Sentences of each sort that are kept; the counts say how many there are."""


@dataclass(slots=True)
class Remarks:
    """Gathered while rows are judged."""

    left: dict[str, tuple[int, int]] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Note what a row has to tell, unless it fails or is skipped."""
        extra = verdict.row.extra
        if verdict.problems or verdict.skipped:
            return
        for sentence in verdict.left:
            self._leave_out(sentence, 1, verdict.row.number)
        if extra is None:
            return
        for sentence, (count, number) in extra.left.items():
            self._leave_out(sentence, count, number)
        self.differing += extra.differing[: SHOWN - len(self.differing)]

    def _leave_out(self, sentence: str, count: int, number: int) -> None:
        known = self.left.get(sentence)
        if known is not None:
            self.left[sentence] = (known[0] + count, known[1])
        elif len(self.left) < SHOWN:
            self.left[sentence] = (count, number)

    def sentences(self) -> list[str]:
        """One for each way in which cells did not fit, then one for each value that differs."""
        left = [
            f"{sentence} (left out in row {number})."
            if count == 1
            else f"{sentence} (left out in {count:,} rows, first in row {number})."
            for sentence, (count, number) in self.left.items()
        ]
        return left + self.differing
