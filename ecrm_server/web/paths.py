"""Where to go back to: only to pages of this site, whatever a form says."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_page(address: str, otherwise: str = "/") -> str:
    """The address if it is a path of this site, else ``otherwise``: nobody is sent elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return otherwise
    own = not (parts.scheme or parts.netloc) and parts.path.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and address.isprintable() else otherwise
