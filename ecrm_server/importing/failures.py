"""The file of failed rows: as the imported one, with a last column that says why; corrected, it can be imported."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ecrm_server.csvfile import safe_cell
from ecrm_server.errors import EcrmError
from ecrm_server.importing.options import WHY


class FailureFile:
    """Writes failed rows as they are found; nothing is there as long as none failed. Use it as a context."""

    def __init__(self, path: Path, header: Sequence[str], separator: str) -> None:
        self.path = path
        self.rows = 0
        self._header = [name for name in header if name != WHY]
        self._kept = [index for index, name in enumerate(header) if name != WHY]
        self._separator = separator
        self._stream: IO[str] | None = None
        self._writer: Any = None

    def add(self, cells: Sequence[str], problems: Iterable[str]) -> None:
        """Add a row. Raises EcrmError when the file cannot be written."""
        try:
            if self._stream is None:
                self._open()
            kept = [safe_cell(cells[index]) if index < len(cells) else "" for index in self._kept]
            self._writer.writerow([*kept, safe_cell(" ".join(problems))])
        except OSError as error:
            raise EcrmError(f"The error file {self.path} cannot be written: {error.strerror}.") from error
        self.rows += 1

    def _open(self) -> None:
        # The byte-order mark tells spreadsheet programs that it is UTF-8; bytes that were none become question marks.
        self._stream = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._stream, delimiter=self._separator)
        self._writer.writerow([*(safe_cell(name) for name in self._header), WHY])

    def __enter__(self) -> FailureFile:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()
