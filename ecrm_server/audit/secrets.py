"""What must never stand in the audit log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "token", "tokens", "secret", "secrets", "key", "hash", "salt", "totp", "otp",
     "credential", "credentials", "cookie", "session", "recovery", "dsn"}
)  # fmt: skip
REMOVED = "[not recorded]"

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_USERINFO = re.compile(r"(\w+://)[^/@\s]+@")


def without_secrets(value: Any) -> Any:
    """A copy of plain data without the values of fields with a secret's name and without passwords in URLs.

    >>> without_secrets({"name": "Shop", "api_key": "abc", "url": "smtp://me:pw@mail.example"})
    {'name': 'Shop', 'api_key': '[not recorded]', 'url': 'smtp://mail.example'}
    """
    if isinstance(value, Mapping):
        return {
            str(name): REMOVED if is_secret(str(name)) else without_secrets(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item) for item in value]
    if isinstance(value, str):
        return _USERINFO.sub(r"\1", value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def is_secret(name: str) -> bool:
    """Whether one of the words of a field's name (``smtp_password``, ``apiKey``) is that of a secret."""
    return any(word.lower() in SECRET_WORDS for word in _WORDS.findall(name))
