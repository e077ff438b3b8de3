"""The words of a message: its plain text, else its HTML, and apart from them what it repeats of earlier mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from ecrm_server.content.clean import clean
from ecrm_server.content.cooked import MAX_SOURCE, TooDeepError
from ecrm_server.content.html import sanitize
from ecrm_server.content.letters import letter_html
from ecrm_server.content.markdown import cook
from ecrm_server.content.text import printable
from ecrm_server.content.to_markdown import write_markdown
from ecrm_server.mailbox import headers
from ecrm_server.mailbox.folding import unfolded

MAX_TEXT = 20_000
"""Characters of the text, and of what is quoted, that are kept."""
MAX_FILES = 20
_PARTS = 200
_PICTURE = re.compile(r'<a class="picture-link"[^>]*>[^<]*</a>')


@dataclass(frozen=True, slots=True)
class Body:
    """See ``letter.Letter``."""

    text: str
    html: str
    quoted: str
    files: tuple[str, ...]
    cut: bool


def read(message: Message) -> Body:
    """The body of a message; empty when it holds no words."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[str] = []
    for part in _parts(message):
        name = _file_name(part)
        if name:
            files.append(name)
        elif part.get_content_type() == "text/plain":
            plain.append(_plain(part))
        elif part.get_content_type() == "text/html":
            rich.append(_text(part))
    if any(text.strip() for text in plain):
        return _body("\n".join(plain), files, markdown=False)
    written, cut = _markdown("\n".join(rich))
    broken = message.get_content_maintype() == "multipart" and not message.is_multipart()
    return _body(written, files, markdown=True, cut=cut or broken)


def _markdown(html: str) -> tuple[str, bool]:
    """Foreign HTML as Markdown, and whether something had to be left out."""
    try:
        small = clean(html)  # styles and attributes make most of the HTML that mail programs write
    except TooDeepError:
        return "", True
    # Relative links would lead to pages of ours; links to pictures are mostly there to learn who reads.
    safe = sanitize(small[:MAX_SOURCE], base_url="https://relative.invalid/").html
    return write_markdown(_PICTURE.sub("", safe)), len(small) > MAX_SOURCE


def _body(whole: str, files: list[str], *, markdown: bool, cut: bool = False) -> Body:
    own, quoted = unfolded(printable(whole.replace("\r\n", "\n").replace("\r", "\n")))
    text = own[:MAX_TEXT]
    html = cook(text).html if markdown else letter_html(text)
    cut = cut or len(own) > MAX_TEXT or len(files) > MAX_FILES
    return Body(text, html, quoted[:MAX_TEXT], tuple(files[:MAX_FILES]), cut)


def _parts(message: Message) -> Iterator[Message]:
    """The parts with content, not those of a message that is attached."""
    left, waiting = _PARTS, [message]
    while waiting and left:
        part = waiting.pop()
        left -= 1
        if part.get_content_maintype() == "multipart":
            waiting.extend(reversed(parts_of(part)))
        else:
            yield part


def parts_of(message: Message) -> list[Message]:
    """The parts right below a message; none when it is broken."""
    # A text's payload is not asked for: the charset that it names may be no charset.
    payload: Any = message.get_payload() if message.is_multipart() else []
    return [part for part in payload[:_PARTS] if isinstance(part, Message)]


def _file_name(part: Message) -> str:
    """The name of a part that is no text to be read; empty for one that is."""
    try:
        name = headers.decoded(str(part.get_filename() or ""), 120)
    except (ValueError, LookupError, TypeError):  # a parameter in pieces that do not fit (RFC 2231)
        name = ""
    kind = part.get_content_type()
    inline = part.get_content_disposition() != "attachment"
    if inline and not name and kind in ("text/plain", "text/html"):
        return ""
    if kind in ("message/delivery-status", "text/rfc822-headers", "application/pgp-signature"):
        return ""
    if inline and part.get_content_maintype() == "image" and part.get("Content-ID"):
        return ""  # a picture of the layout
    return name or kind


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    found = data if isinstance(data, bytes) else b""
    return headers.decode(found, part.get_content_charset("") or "")


def _plain(part: Message) -> str:
    text = _text(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        return _flowed(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _flowed(text: str, *, delete_space: bool) -> str:
    """Paragraphs out of lines that a mail program broke (RFC 3676)."""
    lines: list[str] = []
    joins, depth = False, 0
    for line in text.splitlines():
        marks = len(line) - len(line.lstrip(">"))
        content = line[marks:].removeprefix(" ")
        if joins and marks == depth:
            lines[-1] += content
        else:
            lines.append(f"{'>' * marks} {content}" if marks else content)
        depth = marks
        joins = content.endswith(" ") and content != "-- "
        if joins and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
