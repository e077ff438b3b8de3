"""Pages of the documentation: written as Markdown, shown with anchors and a list of contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ecrm_server.content.cooked import LinkPolicy, as_markup
from ecrm_server.content.markdown import cook
from ecrm_server.content.names import slugify

_HEADING = re.compile(r"<h([3-6])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_CODE = re.compile(r"(`+[^`]*`+)")
_STAR = re.compile(r"([*|])")


@dataclass(frozen=True, slots=True)
class Document:
    """A page in Markdown; headings of ``body`` begin at level two."""

    name: str
    title: str
    summary: str
    body: str


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the list of contents."""

    level: int
    anchor: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A rendered page."""

    html: Markup
    contents: tuple[Heading, ...]


_POLICY = LinkPolicy(follow=True)


def show(body: str) -> Shown:
    """Render Markdown: every heading gets an anchor, levels two and three stand in the contents."""
    # Documentation is trusted text, yet it goes the same safe way as every post; only its line breaks mean nothing.
    html = cook(body, link_policy=_POLICY, raw_html=False).html.replace("<br>\n", "\n")
    contents: list[Heading] = []
    taken: set[str] = set()

    def anchored(match: re.Match[str]) -> str:
        level, inner = int(match[1]) - 1, match[2]
        anchor = _free(_TAG.sub("", inner), taken)
        if level <= 3:
            contents.append(Heading(level, anchor, as_markup(_TAG.sub(_only_code, inner))))
        return f'<h{level} id="{anchor}"><a class="docs-anchor" href="#{anchor}">{_without_links(inner)}</a></h{level}>'

    return Shown(as_markup(_HEADING.sub(anchored, html)), tuple(contents))


def _only_code(tag: re.Match[str]) -> str:
    return tag[0] if tag[0] in ("<code>", "</code>") else ""


def _without_links(inner: str) -> str:
    return re.sub(r"</?a\b[^>]*>", "", inner)


def _free(text: str, taken: set[str]) -> str:
    base = slugify(re.sub(r"\(.*", "", text.replace(".", "-").replace("_", "-")), fallback="part")
    anchor, number = base, 2
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken.add(anchor)
    return anchor


def prose(docstring: str) -> str:
    """A docstring as Markdown: double backquotes become code, nothing else is taken for markup."""
    text = _ROLE.sub(r"`\1`", docstring).replace("``", "`")
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _STAR.sub(r"\\\1", part) for index, part in enumerate(parts))


def first_sentence(docstring: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return prose(" ".join((docstring or "").strip().partition("\n\n")[0].split()))


def code(text: object) -> str:
    """Inline code that may stand in a table."""
    shown = str(text).replace("|", "\\|")
    return f"`{shown}`" if shown else ""


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table, or a word when there is nothing to show."""
    if not rows:
        return "None.\n"
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace(chr(10), ' ') for cell in line)} |" for line in lines) + "\n"
