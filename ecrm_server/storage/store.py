"""Where files are kept: the interface that a local folder fills, and that S3 can fill."""

from __future__ import annotations

import re
import secrets
from typing import BinaryIO, Protocol

from ecrm_server.storage.errors import BadKey

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{3,99}(?:\.[a-z0-9]{1,8})?")


class Store(Protocol):
    """Files by key. A key is `new_key()`'s: generated, never made of what a visitor typed."""

    def put(self, key: str, content: bytes | BinaryIO) -> int:
        """Keep the content under the key, whole or not at all; returns its size in bytes."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The content for reading; the caller closes it. Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None:
        """Remove the file; nothing happens if there is none."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is a file under the key."""
        ...

    def size(self, key: str) -> int:
        """Bytes of the file. Raises FileNotFoundError."""
        ...


def new_key(extension: str = "") -> str:
    """A key that cannot be guessed: 26 letters and digits, then the extension, which is ours and not the visitor's."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    name = "".join(secrets.choice(alphabet) for _ in range(26))
    return check_key(f"{name}.{extension}" if extension else name)


def check_key(key: str) -> str:
    """The key, if it is one: no slash, no leading dot, no upper case (some file systems ignore it)."""
    if not _KEY.fullmatch(key):
        raise BadKey(f"{key[:120]!r} is no storage key.")
    return key
