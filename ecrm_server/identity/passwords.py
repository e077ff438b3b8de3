"""Password hashes: argon2id with 19 MiB, two passes, one lane (OWASP), few at a time and outside the event loop."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ecrm_server.errors import Refusal
from ecrm_server.kernel import native

MIN_LENGTH = 10
MAX_LENGTH = 200
PARALLEL = 2
"""Hashes that are computed at the same time; more sign-ins wait, and pages stay fast."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = threading.BoundedSemaphore(PARALLEL)


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    with _slots:
        return native.run(lambda: _hasher.hash(_normal(password)))


def verify(password: str, stored: str | None) -> bool:
    """Whether a password belongs to a stored hash. Without one it takes as long and answers no."""
    with _slots:
        return native.run(lambda: _verified(_normal(password), stored or _dummy())) and stored is not None


def needs_update(stored: str) -> bool:
    """Whether a hash was made with other parameters than those in use."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def check_strength(password: str, *others: str) -> list[str]:
    """Sentences about what is wrong with a new password; ``others`` are words that it must not be."""
    if len(password) < MIN_LENGTH:
        return [f"A password has at least {MIN_LENGTH} characters."]
    if len(password) > MAX_LENGTH:
        return [f"A password has at most {MAX_LENGTH} characters."]
    key = password.casefold()
    if len(set(key)) < 5:
        return ["This password repeats the same few characters. Choose another."]
    if any(other and key in (other.casefold(), other.casefold().partition("@")[0]) for other in others):
        return ["The password must not be your name or e-mail address."]
    return []


def new_hash(password: str, *others: str) -> str:
    """Check a new password and hash it. It takes long: not within a transaction, where it would keep writers waiting.

    Raises Refusal when it is too weak; ``others`` are words that it must not be.
    """
    problems = check_strength(password, *others)
    if problems:
        raise Refusal(problems[0], field="password")
    return hash_password(password)


def _verified(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_hex(16))
