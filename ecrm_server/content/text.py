"""Plain text: what search reads, what lists show, and what stands in for a text that is not rendered."""

from __future__ import annotations

import html as _html
import re

from ecrm_server.content.cooked import MAX_SOURCE, Cooked

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without control characters and without halves of surrogate pairs; line ends as they are."""
    return _CONTROL.sub("", text)


def plain_text(pieces: list[str]) -> str:
    """Escaped pieces as plain text: one block a line, white space folded, no empty lines."""
    lines = (" ".join(line.split()) for line in _html.unescape("".join(pieces)).split("\n"))
    return "\n".join(line for line in lines if line)


def plain(source: str) -> Cooked:
    """The text as it is, escaped, its lines kept, cut to MAX_SOURCE characters."""
    escaped = _html.escape(printable(source[:MAX_SOURCE]), quote=False)
    return Cooked(html=f'<pre class="plain">{escaped}</pre>\n', text=plain_text([escaped]))


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a plain text on one line: at most `length` characters, cut between words if it can."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[: max(0, length - 1)]
    space = head.rfind(" ")
    # A language without spaces, or one very long word, is cut where the room ends.
    if line[len(head)] != " " and space > length // 2:
        head = head[:space]
    return f"{head.rstrip()}…"
