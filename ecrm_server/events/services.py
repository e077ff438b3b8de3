"""Asking another part for something without importing it."""

from __future__ import annotations

from typing import Any

from ecrm_server.kernel import current

_MISSING = object()


def ask(service: str, *, default: Any = None, **arguments: Any) -> Any:
    """Call ``name@version`` of whichever part provides it; without a provider, or when it fails, give ``default``.

    Plain data goes in and out. A deliberate Refusal passes through.
    """
    return current.generation().ask(service, arguments, default)
