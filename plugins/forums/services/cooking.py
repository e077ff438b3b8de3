"""From what people write to what is printed."""

from __future__ import annotations

from ecrm_server.api import (
    Cooked,
    LinkPolicy,
    Refusal,
    cook_markdown,
    excerpt,
    generation,
    printable,
    profiles,
    sanitize_html,
)

MAX_LENGTH = 50_000
MIN_TITLE, MAX_TITLE = 3, 200
EXCERPT = 280
FORMATS = ("markdown", "html", "comment")
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of all that follows: in a title, also that of what is printed behind it."""


def cook(source: str, source_format: str = "markdown") -> Cooked:
    """The safe HTML of a text in one of FORMATS; ``@handle`` becomes a link to the person."""
    if source_format == "html":
        return sanitize_html(source)
    policy = LinkPolicy(own_origin=generation().config.base_url.rstrip("/"))
    raw_html = source_format != "comment"
    return cook_markdown(source, mentions=profiles.addresses, link_policy=policy, raw_html=raw_html)


def short(cooked: Cooked) -> str:
    """What lists and search results show of a text."""
    return excerpt(cooked.text, EXCERPT)


def checked_text(source: str) -> str:
    """A text fit to be stored. Raises Refusal when it says nothing or is too long."""
    text = printable(source.replace("\r\n", "\n")).strip("\n").rstrip()
    if _says_nothing(text):
        raise Refusal("Write something first.", field="text")
    if len(text) > MAX_LENGTH:
        raise Refusal(f"A post has at most {MAX_LENGTH:,} characters; this one has {len(text):,}.", field="text")
    return text


def checked_title(title: str) -> str:
    """A title on one line. Raises Refusal when it is too short or too long."""
    line = " ".join(printable(title).translate(_DIRECTIONS).split())
    if _says_nothing(line) or not MIN_TITLE <= len(line) <= MAX_TITLE:
        raise Refusal(f"A title has {MIN_TITLE} to {MAX_TITLE} characters.", field="title")
    return line


def _says_nothing(text: str) -> bool:
    """Whether there is nothing to see in a text: white space and characters without width only."""
    return not any(letter.isprintable() and not letter.isspace() for letter in text)
