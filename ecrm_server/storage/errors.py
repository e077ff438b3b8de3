"""What storage and uploads refuse."""

from __future__ import annotations

from ecrm_server.errors import Refusal


class UploadRefused(Refusal, ValueError):
    """The file cannot be taken; the message says why and what would be."""


class BadKey(ValueError):
    """A storage key that is no key: the caller's mistake, never shown to a person."""
