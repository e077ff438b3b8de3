"""Files in a local folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ecrm_server.storage.store import check_key

_TEMPORARY = ".part-"


class LocalStore:
    """A Store in a folder: `ab/cd/abcd....webp`, so that no folder grows to many thousands of files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, content: bytes | BinaryIO) -> int:
        """Write beside the place, sync, then rename: a reader or a crash sees the whole file or none."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(BytesIO(content) if isinstance(content, bytes) else content, file)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            Path(name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        _sync_folder(target.parent)
        return size

    def open(self, key: str) -> BinaryIO:
        """The file for reading. Raises FileNotFoundError."""
        return self._path(key).open("rb")

    def delete(self, key: str) -> None:
        """Remove the file; nothing happens if there is none."""
        self._path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Whether there is a file under the key."""
        return self._path(key).is_file()

    def size(self, key: str) -> int:
        """Bytes of the file. Raises FileNotFoundError."""
        return self._path(key).stat().st_size

    def _path(self, key: str) -> Path:
        check_key(key)
        return self.root / key[:2] / key[2:4] / key


def _sync_folder(folder: Path) -> None:
    """The rename itself must survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
