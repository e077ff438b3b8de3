"""The plain text of a mail as safe HTML: paragraphs, lines as they were written, and links."""

from __future__ import annotations

import html as _html
import re

from ecrm_server.content.cooked import MAX_SOURCE, LinkPolicy
from ecrm_server.content.links import resolve_link
from ecrm_server.content.text import printable

_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}")
_AFTER = ".,;:!?)]}'"
_POLICY = LinkPolicy()


def letter_html(source: str) -> str:
    """The text with its lines; web addresses in it are links."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", printable(source[:MAX_SOURCE]).strip("\n"))
    return "".join(f"<p>{_lines(paragraph)}</p>\n" for paragraph in paragraphs if paragraph.strip())


def _lines(paragraph: str) -> str:
    written, position = [], 0
    for found in _ADDRESS.finditer(paragraph):
        address = found[0].rstrip(_AFTER)
        link = resolve_link(address, _POLICY)
        if link is None:
            continue
        written += [_escaped(paragraph[position : found.start()]), link.tag(), _escaped(address), "</a>"]
        position = found.start() + len(address)
    written.append(_escaped(paragraph[position:]))
    return "".join(written).replace("\n", "<br>\n")


def _escaped(text: str) -> str:
    return _html.escape(text, quote=False)
