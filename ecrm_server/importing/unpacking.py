"""Files as streams of bytes, unpacked while they are read: memory stays flat whatever they claim to be."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ecrm_server.importing.problems import InputError, Problem

BLOCK = 1 << 16
LZMA_MEMORY = 128 << 20
"""Bytes that an .xz file may ask for; the strongest preset of xz needs half of it."""
MAX_UNPACKED = 4 << 30
"""Bytes of a packed file's content."""
MAX_RATIO = 1_000
"""How many times larger than packed a content above ``ANY_RATIO`` may be; tables reach some ten or twenty."""
ANY_RATIO = 64 << 20


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of lzma's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY)


_PACKED: dict[str, Any] = {".gz": _Gzip, ".xz": _xz, ".bz2": bz2.BZ2Decompressor}
PACKINGS = tuple(_PACKED)


def plain_name(name: str) -> str:
    """A file's name without what says that it is packed: ``people.csv.xz`` is ``people.csv``."""
    stem, dot, ending = name.rpartition(".")
    return stem if f"{dot}{ending}".lower() in _PACKED else name


def open_bytes(path: Path, name: str) -> BinaryIO:
    """A file for reading, unpacked where ``name`` ends with one of PACKINGS. Raises InputError."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError(Problem(name, "", f"it cannot be read: {error.strerror}.")) from error
    make = _PACKED.get(Path(name).suffix.lower())
    return raw if make is None else io.BufferedReader(_Unpacked(raw, make, name), BLOCK)


class _Unpacked(io.RawIOBase):
    """The content of a packed file, which may consist of several packed parts."""

    def __init__(self, raw: BinaryIO, make: Any, name: str) -> None:
        self._raw, self._make, self._name = raw, make, name
        self._inner: _Decompressor = make()
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._inner.eof and not self._next_part():
                return 0
            data = self._raw.read(BLOCK) if self._inner.needs_input else b""
            if not data and self._inner.needs_input:
                self._fail("it is cut off.")
            try:
                found = self._inner.decompress(data, len(buffer))
            except (lzma.LZMAError, zlib.error, OSError) as error:
                self._fail(f"it is damaged or not packed as its name says ({str(error)[:80]}).")
            if found:
                self._limit(len(found))
                buffer[: len(found)] = found
                return len(found)

    def _limit(self, more: int) -> None:
        self._size += more
        if self._size > MAX_UNPACKED:
            self._fail(f"it unpacks to more than {MAX_UNPACKED >> 20:,} MB. Split it.")
        if self._size > ANY_RATIO and self._size > MAX_RATIO * self._raw.tell():
            self._fail(f"it unpacks to more than {MAX_RATIO:,} times its size, as no table does.")

    def _next_part(self) -> bool:
        rest = self._inner.unused_data.lstrip(b"\0") or self._raw.read(BLOCK).lstrip(b"\0")
        if not rest:
            return False
        self._raw.seek(-len(rest), io.SEEK_CUR)
        self._inner = self._make()
        return True

    def _fail(self, text: str) -> None:
        raise InputError(Problem(self._name, "", text))

    def close(self) -> None:
        self._raw.close()
        super().close()
