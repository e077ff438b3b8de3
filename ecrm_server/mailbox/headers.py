"""Headers of a message that somebody sent, as text."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from ecrm_server.content.text import printable

_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that turn the direction of what follows, or show nothing: a name must look like what it is."""
_LONGEST = 20_000
# Codecs of Python that are no charsets of mail, or cost too much.
_CHARSET = re.compile(
    r"(utf-?(8|16|32)|us-?ascii|iso-?(8859|2022)|(windows|cp)-?\d|koi8|gb|big5|euc|shift|sjis|mac|tis|hz)",
    re.I,
)


def raw(message: Message, name: str) -> str:
    """A header as it is written, unfolded; all of that name one after the other, empty when there is none."""
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    joined = " ".join(" ".join(found)[:_LONGEST].split())
    return joined.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def line(message: Message, name: str, limit: int) -> str:
    """A header as people read it, on one line."""
    return decoded(raw(message, name), limit)


def decoded(text: str, limit: int) -> str:
    """The text behind encoded words (RFC 2047), on one line, without what would hide or turn letters."""
    try:
        pieces = [
            piece if isinstance(piece, str) else decode(piece, charset or "")
            for piece, charset in decode_header(text[:4000])
        ]
    except (HeaderParseError, ValueError):
        pieces = [text]
    shown = " ".join(_HIDDEN.sub("", printable("".join(pieces))).split())
    return shown[:limit]


def decode(data: bytes, charset: str) -> str:
    """Bytes as text: by the charset that is named, else as UTF-8, else letter for letter."""
    for name in (charset, "utf-8") if _CHARSET.match(charset) else ("utf-8",):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    if _CHARSET.match(charset) and charset.lower().replace("-", "") != "usascii":
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError):
            pass
    return data.decode("cp1252", "replace")


def first_id(message: Message, name: str) -> str:
    """The first Message-ID of a header, in its brackets; empty when there is none that can be used."""
    found = _ID.search(raw(message, name))
    return found[0] if found else ""
