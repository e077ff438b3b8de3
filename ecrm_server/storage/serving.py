"""The headers with which kept files are served."""

from __future__ import annotations

from urllib.parse import quote

from ecrm_server.storage.documents import clean_name

INLINE_TYPES = frozenset(("image/png", "image/jpeg", "image/webp"))
"""What `accept_image` writes: the only types that a browser may show by itself."""


def headers_for(media_type: str, filename: str, inline: bool) -> dict[str, str]:
    """Headers for one file.

    `inline` is granted to re-encoded pictures alone; anything else is a download of an opaque type's manners:
    no sniffing, and a sandbox should a browser open it all the same.
    """
    shown = inline and media_type in INLINE_TYPES
    text = media_type.startswith("text/")
    return {
        "Content-Type": f"{media_type}; charset=utf-8" if text else media_type,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": _disposition("inline" if shown else "attachment", filename),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _disposition(kind: str, filename: str) -> str:
    """RFC 6266: an ASCII name for old clients, the real one beside it where they differ."""
    name = clean_name(filename)
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    encoded = f"; filename*=UTF-8''{quote(name, safe='')}" if plain != name else ""
    return f'{kind}; filename="{plain}"{encoded}'
