"""What cooking returns, and the rules for links that a caller may change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

MAX_SOURCE = 100_000
"""Characters of Markdown or HTML that are rendered; a longer text is shown as plain text."""

MAX_DEPTH = 60
"""Open elements inside each other; a deeper document is shown as plain text."""

OWN_IMAGE = re.compile(r"/files/[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
"""The only picture addresses that a page loads; no segment starts with a dot, so there is no `..`."""

QUOTED_POST = re.compile(r"/[a-z][a-z0-9-]*/p/([1-9A-HJ-NP-Za-km-z]{12})(?:[?#].*)?")
"""The address of a post of any plugin: /<area>/p/<uid>."""


class TooDeepError(ValueError):
    """The document nests more elements than MAX_DEPTH."""


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """How links are written.

    `follow`: leave out "nofollow ugc" (the source links of licensed content).
    `own_origin`: "https://example.org" without a trailing slash; links to it are made relative.
    `rewrite`: gets each absolute address and returns its replacement, or None to keep it.
    """

    follow: bool = False
    own_origin: str | None = None
    rewrite: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Cooked:
    """A rendered text.

    `html` is safe to print as it is; `text` is plain, one block a line, for search and excerpts;
    `mentions` are names after an @ outside code, links and quotes, as written, each once;
    `links` and `images` are addresses of other pages and of our own pictures, each once;
    `quotes` are the uids of the posts whose words are quoted.
    """

    html: str
    text: str
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


def as_markup(html: str) -> Markup:
    """Let a template print HTML that `cook` or `sanitize` returned (a database may have kept it) without escaping."""
    return Markup(html)
