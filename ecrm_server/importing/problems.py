"""What is wrong with an input: one sentence that names file, row and problem."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecrm_server.csvfile import csv_text
from ecrm_server.errors import EcrmError

MAX_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. row: such as ``row 5`` or ``row with Id 12``; empty when it concerns the whole file."""

    file: str
    row: str
    text: str

    def sentence(self) -> str:
        """File, row and problem in one sentence."""
        return f"{self.file}, {self.row}: {self.text}" if self.row else f"{self.file}: {self.text}"


class InputError(EcrmError):
    """The input cannot be imported."""

    status = 422

    def __init__(self, problem: Problem, others: int = 0) -> None:
        more = (
            f" There are {others} more problems."
            if others > 1
            else " There is one more problem."
            if others
            else ""
        )
        super().__init__(problem.sentence() + more)
        self.problem = problem


class TooManyProblemsError(Exception):
    """MAX_PROBLEMS were found: reading on helps nobody."""


class Problems:
    """Collects what the first pass finds, so that everything can be mended at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Note a problem. Raises TooManyProblemsError at MAX_PROBLEMS."""
        self.found.append(problem)
        if len(self.found) >= MAX_PROBLEMS:
            raise TooManyProblemsError

    def refuse(self, error_file: Path | None = None) -> None:
        """Raise InputError with the first problem, if there is one; write all of them to ``error_file`` before."""
        if not self.found:
            return
        if error_file is not None:
            write_error_file(error_file, self.found)
        raise InputError(self.found[0], len(self.found) - 1)


def write_error_file(path: Path, problems: list[Problem]) -> None:
    """Write problems as CSV with the columns file, row, problem; no cell is a formula."""
    try:
        text = csv_text(("file", "row", "problem"), ((p.file, p.row, p.text) for p in problems))
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise EcrmError(f"The error file {path} cannot be written: {error.strerror}.") from error
