"""How far a command is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.progress


class Progress:
    """One bar per phase; without a terminal it does nothing."""

    def __init__(self, bars: rich.progress.Progress | None = None) -> None:
        self._bars = bars
        self._task: rich.progress.TaskID | None = None

    def start(self, name: str, total: int | None, done: int = 0) -> None:
        """Begin a phase of so many rows (None: not known)."""
        if self._bars is not None:
            self._task = self._bars.add_task(name, total=total, completed=done)

    def advance(self, rows: int) -> None:
        """So many rows more are done."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, rows)


@contextmanager
def progress() -> Iterator[Progress]:
    """Bars on standard error while the block runs, when that is a terminal."""
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield Progress(bars)
