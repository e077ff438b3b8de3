"""Keys that are compared instead of what people typed, and secrets that are stored only as their hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from ecrm_server.content import names
from ecrm_server.errors import Refusal

KEY_BYTES = 32


def email_key(address: str) -> str:
    """The form in which e-mail addresses are compared: NFKC and casefolded. Raises Refusal for what is no address."""
    try:
        return names.email_key(address)
    except ValueError as error:
        raise Refusal(str(error), field="email") from error


def new_secret() -> str:
    """A random key of 32 bytes as text for a cookie, a link or an API key."""
    return secrets.token_hex(KEY_BYTES)


def digest(secret: str) -> str:
    """What is stored of a random secret (it is long enough that a plain hash does)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def derived(secret_key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, made from the secret key of the instance."""
    return hmac.digest(secret_key.encode(), f"ecrm {purpose}".encode(), "sha256")
