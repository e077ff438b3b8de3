"""One pass over sanitised HTML: links, pictures, headings, quotes, code and mentions get their final form.

It works on the tokens of the sanitiser's canonical output (quoted attributes, balanced tags) and writes
nothing but whole tags with escaped attributes and escaped text, so that what was safe stays safe; tests
sanitise the result again and expect no change.
"""

from __future__ import annotations

import html as _html
import re
from collections.abc import Callable
from functools import partial

from ecrm_server.content.cooked import MAX_DEPTH, QUOTED_POST, Cooked, LinkPolicy, TooDeepError
from ecrm_server.content.highlight import highlight
from ecrm_server.content.links import Link, host_label, own_image, resolve_link, tag
from ecrm_server.content.mentions import Mentions, link_mentions
from ecrm_server.content.numbers import picture_size, small_number
from ecrm_server.content.text import plain_text

_TOKEN = re.compile(r'([^<]+)|<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang)-([A-Za-z0-9_+#.-]{1,30})")
_SIZED_ALT = re.compile(r"\s*\|\s*([1-9]\d{0,4})x([1-9]\d{0,4})\s*$")
_ALIGN = re.compile(r"text-align:\s*(left|right|center)")
_HEADING = re.compile(r"<h([1-6])>")
_FIRST_HEADING = 3
_DEFAULT_ALT = "enter image description here"  # what Stack Exchange's editor fills in

_VOID = frozenset(("br", "hr", "img", "input"))
_BLOCKS = frozenset(
    """blockquote br caption dd details div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre summary table tbody tfoot
    thead tr ul""".split()  # noqa: SIM905 (a list of words, read as one)
)
_VERBATIM = frozenset(("code", "kbd", "samp", "tt", "var"))
_RENAMED = {"strike": "del", "tt": "code"}


class Rewriter:
    """Holds the state of one pass; use `rewrite`."""

    def __init__(self, policy: LinkPolicy, base_url: str | None) -> None:
        self.policy, self.base_url = policy, base_url
        self.out: list[str] = []
        self.text: list[str] = []
        self.ends: list[tuple[str, str]] = []  # the open elements: name, what to write at their end
        self.shift = 0
        self.links: dict[str, None] = {}
        self.images: dict[str, None] = {}
        self.quotes: dict[str, None] = {}
        self.mentioned: list[tuple[int, bool]] = []  # index in `out` of text with an @, whether in a quote
        self.link: tuple[int, Link] | None = None  # index in `out` of the open link
        self.after_link: list[tuple[str, str]] = []  # start tag and label of pictures that follow the link
        self.verbatim = self.quoted = 0
        self.quote_start: int | None = None  # index in `out` of a quote that has shown nothing yet
        self.code: list[str] | None = None  # the text of the open <pre>
        self.language: str | None = None
        self.nested_pre = 0

    def run(self, html: str) -> None:
        """Rewrite all tokens. Raises TooDeepError."""
        levels = [int(level) for level in _HEADING.findall(html)]
        self.shift = max(0, _FIRST_HEADING - min(levels, default=_FIRST_HEADING))
        for text, close, name, attributes in _TOKEN.findall(html):
            if text:
                self._write(text)
            elif close:
                self._end(name)
            else:
                self._start(name, attributes)

    def _write(self, text: str) -> None:
        if self.code is not None:
            self.code.append(text)
            return
        if self.out and not self.out[-1].endswith(">"):
            # What stood between was left out: a name's beginning is judged on the joined text.
            self.out[-1] += text
        else:
            self.out.append(text)
        place = (len(self.out) - 1, self.quoted > 0)
        if "@" in text and self.link is None and not self.verbatim and self.mentioned[-1:] != [place]:
            self.mentioned.append(place)
        if self.quote_start is not None and not text.isspace():
            self.quote_start = None
        self.text.append(text.replace("\n", " "))

    def _start(self, name: str, raw: str) -> None:
        if self.code is not None:
            self._start_inside_code(name, raw)
            return
        if name in _BLOCKS:
            self.text.append("\n")
        attributes = {key: _html.unescape(value) for key, value in _ATTRIBUTE.findall(raw)} if raw else {}
        special = _STARTS.get(name)
        if special is not None:
            special(self, attributes)
        else:
            name = _RENAMED.get(name, name)
            self._open(name, tag(name, attributes) if attributes else f"<{name}>")
        if len(self.ends) > MAX_DEPTH:
            raise TooDeepError

    def _open(self, name: str, start: str, end: str | None = None) -> None:
        if start:
            self.out.append(start)
        if name not in _VOID:
            self.ends.append((name, f"</{name}>" if end is None else end))
        if name in _VERBATIM:
            self.verbatim += 1

    def _end(self, name: str) -> None:
        if self.code is not None:
            self._end_inside_code(name)
            return
        opened, end = self.ends.pop()
        if end:
            self.out.append(end)
        if name in _BLOCKS:
            self.text.append("\n")
        if opened in _VERBATIM:
            self.verbatim -= 1
        elif opened == "blockquote":
            self.quoted -= 1
            self.quote_start = None
        elif opened == "a" and end:
            self._end_link()

    def _end_link(self) -> None:
        self.link = None
        for start, label in self.after_link:
            self.out.append(f" {start}{label}</a>")
            self.text.append(f" {label}")
        self.after_link.clear()

    # -- elements with rules of their own

    def _heading(self, _: dict[str, str], level: int) -> None:
        name = f"h{min(6, level + self.shift)}"
        self._open(name, f"<{name}>")

    def _anchor(self, attributes: dict[str, str]) -> None:
        link = resolve_link(attributes.get("href"), self.policy, self.base_url)
        if link is None or self.link is not None:
            self._open("a", "", "")
            return
        self.link = (len(self.out), link)
        if link.external:
            self.links[link.href] = None
        quoted = QUOTED_POST.fullmatch(link.href)
        if quoted and self.quote_start is not None:
            self.quotes[quoted[1]] = None
            self.out[self.quote_start] = '<blockquote class="quote">'
        css = "picture-link" if attributes.get("class") == "picture-link" else None
        self._open("a", link.tag(css, attributes.get("title")))

    def _image(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "")
        alt = " ".join(attributes.get("alt", "").split())
        sized = _SIZED_ALT.search(alt)
        if sized:
            alt = alt[: sized.start()]
        own = own_image(source, self.policy)
        if own is None:
            self._foreign_image(source, "" if alt == _DEFAULT_ALT else alt)
            return
        self.images[own] = None
        size = {"width": sized[1], "height": sized[2]} if sized else picture_size(attributes)
        self.out.append(tag("img", {"src": own, "alt": alt, **size, "loading": "lazy"}))
        self.text.append(f" {_html.escape(alt)} ")
        self.quote_start = None

    def _foreign_image(self, source: str, alt: str) -> None:
        """A labelled link: a page never asks another host for a picture."""
        link = resolve_link(source, self.policy, self.base_url)
        label = alt or host_label(link)
        shown = _html.escape(f"Picture: {label}" if label else "Picture", quote=False)
        self.quote_start = None
        if link is None:
            self._write(shown)
            return
        if link.external:
            self.links[link.href] = None
        if self.link is None:
            self.out.append(f"{link.tag('picture-link')}{shown}</a>")
            self.text.append(shown)
            return
        # Inside a link there can be no other: the outer one is the picture's, or the picture's comes after.
        self.out.append(shown)
        self.text.append(shown)
        index, outer = self.link
        if outer.href == link.href:
            self.out[index] = outer.tag("picture-link")
        else:
            source = _html.escape(f"Picture: {host_label(link)}", quote=False)
            self.after_link.append((link.tag("picture-link"), source))

    def _blockquote(self, attributes: dict[str, str]) -> None:
        self.quoted += 1
        if attributes.get("class") == "spoiler":
            self._open("blockquote", "<details><summary>Spoiler</summary>", "</details>")
            self.text.append("Spoiler\n")
            return
        self.quote_start = len(self.out)
        self._open("blockquote", "<blockquote>")

    def _table(self, _: dict[str, str]) -> None:
        # A paragraph around it (it can happen in hand-written HTML) would be closed by the <div>.
        if any(name == "p" for name, _end in self.ends):
            self._open("table", "<table>")
        else:
            self._open("table", '<div class="table-scroll" tabindex="0"><table>', "</table></div>")

    def _div(self, attributes: dict[str, str]) -> None:
        if attributes.get("class") in ("table-scroll", "s-table-container"):
            self._open("div", "", "")
        else:
            self._open("div", "<div>")

    def _cell(self, name: str, attributes: dict[str, str]) -> None:
        kept = {key: attributes[key] for key in ("colspan", "rowspan") if small_number(attributes.get(key))}
        align = _ALIGN.search(attributes.get("style", ""))
        if align or attributes.get("align") in ("left", "right", "center"):
            kept["align"] = align[1] if align else attributes["align"]
        self.text.append(" ")
        self._open(name, tag(name, kept))

    def _list(self, attributes: dict[str, str]) -> None:
        start = attributes.get("start", "")
        self._open("ol", f'<ol start="{int(start)}">' if small_number(start) else "<ol>")

    def _input(self, attributes: dict[str, str]) -> None:
        """A task list's box becomes a character: nothing to label, the same in every reader."""
        if attributes.get("type") == "checkbox":
            self._write("☑" if "checked" in attributes else "☐")

    # -- code blocks

    def _pre(self, attributes: dict[str, str]) -> None:
        language = _LANGUAGE.search(attributes.get("class", ""))
        self.language = language[1] if language else None
        self.code, self.nested_pre = [], 0
        self.quote_start = None

    def _start_inside_code(self, name: str, raw: str) -> None:
        if name == "br" and self.code is not None:
            self.code.append("\n")
        elif name == "pre":
            self.nested_pre += 1
        language = _LANGUAGE.search(raw.partition('class="')[2]) if name == "code" else None
        if language:
            self.language = language[1]

    def _end_inside_code(self, name: str) -> None:
        if name != "pre":
            return
        if self.nested_pre:
            self.nested_pre -= 1
            return
        source = _html.unescape("".join(self.code or ()))
        self.out.append(highlight(source, self.language))
        self.text.append(f"{_html.escape(source, quote=False)}\n")
        self.code = self.language = None


_STARTS: dict[str, Callable[[Rewriter, dict[str, str]], None]] = {
    "a": Rewriter._anchor,
    "blockquote": Rewriter._blockquote,
    "code": lambda rewriter, _: rewriter._open("code", "<code>"),
    "details": lambda rewriter, _: rewriter._open("details", "<details>"),
    "div": Rewriter._div,
    "img": Rewriter._image,
    "input": Rewriter._input,
    "ol": Rewriter._list,
    "pre": Rewriter._pre,
    "table": Rewriter._table,
    "td": lambda rewriter, attributes: rewriter._cell("td", attributes),
    "th": lambda rewriter, attributes: rewriter._cell("th", attributes),
} | {f"h{level}": partial(Rewriter._heading, level=level) for level in range(1, 7)}


def rewrite(
    html: str, *, policy: LinkPolicy, base_url: str | None = None, mentions: Mentions | None = None
) -> Cooked:
    """Give sanitised, canonical HTML its final form and collect what it holds. Raises TooDeepError."""
    rewriter = Rewriter(policy, base_url)
    rewriter.run(html)
    names = link_mentions(rewriter.out, rewriter.mentioned, mentions)
    return Cooked(
        html="".join(rewriter.out),
        text=plain_text(rewriter.text),
        mentions=names,
        links=tuple(rewriter.links),
        images=tuple(rewriter.images),
        quotes=tuple(rewriter.quotes),
    )
