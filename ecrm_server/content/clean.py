"""The sanitiser: which elements and attributes survive. Its output is canonical; rewrite.py relies on it."""

from __future__ import annotations

import re

import nh3

from ecrm_server.content.cooked import TooDeepError
from ecrm_server.content.text import printable

TAGS = frozenset(
    """a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins
    kbd li mark ol p pre q s samp small strike strong sub summary sup table tbody td tfoot th thead tr tt u ul
    var""".split()  # noqa: SIM905 (a list of words, read as one)
)
_ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "abbr": {"title"},
    "blockquote": {"class"},
    "code": {"class"},
    "details": {"open"},
    "div": {"class"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "pre": {"class", "lang"},
    "td": {"align", "colspan", "rowspan", "style"},
    "th": {"align", "colspan", "rowspan", "style"},
}
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=_ATTRIBUTES,
    clean_content_tags={
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "math",
        "svg",
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="pass_through",
    filter_style_properties={"text-align"},
    link_rel=None,
    strip_comments=True,
)

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNCLOSED = frozenset(
    ("br", "hr", "img", "input", "p", "li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot")
)
_MANY_TAGS = 1_000
_MAX_OPEN = 500
_MAX_ROUNDS = 6


def clean(html: str) -> str:
    """The allowed part of any HTML, serialised canonically. Raises TooDeepError before slow parsing."""
    if html.count("<") > _MANY_TAGS and _open_at_once(html) > _MAX_OPEN:
        raise TooDeepError
    return _stable(printable(_cleaner.clean(html)))


def _stable(cleaned: str) -> str:
    """Clean again until nothing changes: what an element left out leaves behind can nest as no parser would."""
    for _ in range(_MAX_ROUNDS):
        again = _cleaner.clean(cleaned)
        if again == cleaned:
            return cleaned
        cleaned = again
    raise TooDeepError


def _open_at_once(html: str) -> int:
    """About how many elements are open at the deepest place: parsing costs the square of that."""
    depth = deepest = 0
    for close, name in _TAG.findall(html):
        if name.lower() in _UNCLOSED:
            continue
        depth += -1 if close else 1
        deepest = max(deepest, depth)
    return deepest
