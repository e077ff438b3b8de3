"""Markdown to safe HTML: parsed by cmark, judged by nh3, finished by one rewriting pass."""

from __future__ import annotations

from ecrm_server.content import cmark
from ecrm_server.content.clean import clean
from ecrm_server.content.cooked import MAX_SOURCE, Cooked, LinkPolicy, TooDeepError
from ecrm_server.content.mentions import Mentions
from ecrm_server.content.rewrite import rewrite
from ecrm_server.content.text import excerpt, plain, printable

__all__ = ["cook", "excerpt", "plain", "quote"]

_DEFAULT_POLICY = LinkPolicy()
# A table row of two characters can render as thousands of empty cells.
_MAX_RENDERED = 20 * MAX_SOURCE


def cook(
    source: str,
    *,
    mentions: Mentions | None = None,
    link_policy: LinkPolicy = _DEFAULT_POLICY,
    raw_html: bool = True,
) -> Cooked:
    """Render GitHub-flavoured Markdown; never raises and never returns unsafe HTML.

    Line breaks are kept. A picture's size may follow its alternative text: `![Bike|640x480](/files/...)`.
    Raw HTML is sanitised, or shown as text with `raw_html=False`. What is longer than MAX_SOURCE characters
    or nested deeper than MAX_DEPTH is shown as plain text.
    """
    if len(source) > MAX_SOURCE:
        return plain(source)
    try:
        rendered = cmark.render(printable(source), raw_html=raw_html)
        if len(rendered) > _MAX_RENDERED:
            return plain(source)
        return rewrite(clean(rendered), policy=link_policy, mentions=mentions)
    except TooDeepError:
        return plain(source)


def quote(author: str, address: str, source: str) -> str:
    """Markdown that quotes a post: a block quote that starts with a link to it.

    `address` is the path of the post (`/forums/p/<uid>`); cooking finds its uid again in `Cooked.quotes`.
    """
    name = "".join(
        f"\\{letter}" if letter in "\\`*_[]<>&~!" else letter for letter in " ".join(author.split())
    )
    lines = "\n".join(f"> {line}".rstrip() for line in source.strip().splitlines())
    return f"> [@{name} wrote]({address}):\n>\n{lines}\n\n"
