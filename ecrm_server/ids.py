"""Public identifiers. Database keys never leave the server; these do."""

from __future__ import annotations

import os

import uuid_utils

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
UID_LENGTH = 12


def public_id() -> str:
    """Twelve random base58 characters (70 bits): short in a URL, not to be guessed, no letters that look alike."""
    return as_public_id(os.urandom(9))


def as_public_id(data: bytes) -> str:
    """Nine bytes in the form of a public id."""
    number = int.from_bytes(data, "big")
    letters = []
    for _ in range(UID_LENGTH):
        number, index = divmod(number, 58)
        letters.append(_ALPHABET[index])
    return "".join(letters)


def event_id() -> str:
    """A UUID of version 7 (RFC 9562): unique everywhere, sorted by time of creation."""
    return str(uuid_utils.uuid7())
