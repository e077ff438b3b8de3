"""Blocks of our sanitised HTML as Markdown; runs of text are written by to_markdown_inline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from ecrm_server.content.to_markdown_inline import escape_line_start, inline, inline_nodes

_BLOCKS = frozenset(
    """blockquote details div dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul
    li dd dt summary caption tbody thead tfoot tr td th""".split()  # noqa: SIM905 (a list of words)
)
_FENCE = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n\s*\n")
_LANGUAGE = re.compile(r"language-(\S+)")
_OURS = ("class", "tabindex", "rel", "loading")


def write_markdown(html: str) -> str:
    """The Markdown of an HTML fragment; ends with a line end unless empty."""
    written = blocks(_parse(html))
    return f"{written}\n" if written else ""


def html_block(html: str) -> str:
    """The fragment as one block of raw HTML, which Markdown passes through."""
    root = _parse(html)
    return f"{_raw(root)}\n"


def blocks(parent: HtmlElement) -> str:
    """The children of an element, blank lines between them."""
    written: list[str] = []
    previous = ""
    for kind, nodes in _runs(parent):
        if kind == "text":
            block = escape_line_start(inline(nodes))
        else:
            element = nodes[0]
            assert isinstance(element, HtmlElement)
            # A list right after one of its kind would continue it: the other marker starts a new one.
            block = _block(element, other_marker=previous == f"{kind}-")
            previous = "" if previous == f"{kind}-" else f"{kind}-"
        if kind == "text":
            previous = ""
        if block:
            written.append(block)
    return "\n\n".join(written)


def _runs(parent: HtmlElement) -> Iterator[tuple[str, list[str | HtmlElement]]]:
    """The children as ("text", inline nodes) and (name of a block element, [it])."""
    run: list[str | HtmlElement] = []
    for node in inline_nodes(parent):
        if isinstance(node, str) or node.tag not in _BLOCKS:
            run.append(node)
            continue
        if run:
            yield "text", run
            run = []
        yield node.tag, [node]
    if run:
        yield "text", run


def _block(element: HtmlElement, *, other_marker: bool) -> str:
    if element.tag in ("ul", "ol"):
        return _list(element, other_marker)
    return _WRITERS.get(str(element.tag), blocks)(element)


def _heading(element: HtmlElement) -> str:
    return f"{'#' * int(str(element.tag)[1])} {inline(list(inline_nodes(element)), one_line=True)}"


def _quote(element: HtmlElement) -> str:
    return "\n".join(f"> {line}".rstrip() for line in blocks(element).split("\n"))


def _list(element: HtmlElement, other_marker: bool) -> str:
    items = [child for child in element if child.tag == "li"]
    loose = any(child.tag == "p" for item in items for child in item)
    number = int(element.get("start") or 1)
    written = []
    for offset, item in enumerate(items):
        if element.tag == "ol":
            marker = f"{number + offset}{')' if other_marker else '.'}"
        else:
            marker = "*" if other_marker else "-"
        written.append(_item(item, marker))
    return ("\n\n" if loose else "\n").join(written)


def _item(item: HtmlElement, marker: str) -> str:
    content = blocks(item)
    for box, mark in (("☐", "[ ]"), ("☑", "[x]")):
        if content.startswith(f"{box} "):
            content = f"{mark}{content[1:]}"
    indent = " " * (len(marker) + 1)
    lines = content.split("\n")
    rest = [f"{indent}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f"{marker} {lines[0]}".rstrip(), *rest])


def _code(element: HtmlElement) -> str:
    code = element.text_content()
    language = _LANGUAGE.search(" ".join(child.get("class", "") for child in element))
    longest = max((len(run) for run in _FENCE.findall(code)), default=2)
    fence = "`" * max(3, longest + 1)
    end = "" if code.endswith("\n") else "\n"
    return f"{fence}{language[1] if language else ''}\n{code}{end}{fence}"


def _details(element: HtmlElement) -> str:
    summary = element.find("summary")
    head = (
        "" if summary is None else f"<summary>{inline(list(inline_nodes(summary)), one_line=True)}</summary>"
    )
    if summary is not None:
        summary.drop_tree()
    return f"<details>{head}\n\n{blocks(element)}\n\n</details>"


# -- tables


def _table(table: HtmlElement) -> str:
    """A GFM table, or HTML if it has no header row, merged cells, or blocks in cells."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if table.find("caption") is not None or not _regular(rows):
        return _raw(table)
    lines = [_row(row) for row in rows]
    rule = " | ".join(_RULES.get(cell.get("align") or "", "---") for cell in rows[0])
    return "\n".join([lines[0], f"| {rule} |", *lines[1:]])


_RULES = {"left": ":---", "right": "---:", "center": ":---:"}


def _regular(rows: list[list[HtmlElement]]) -> bool:
    return (
        bool(rows and rows[0])
        and all(cell.tag == "th" for cell in rows[0])
        and all(len(row) == len(rows[0]) and all(map(_simple, row)) for row in rows)
    )


def _simple(cell: HtmlElement) -> bool:
    merged = cell.get("colspan") or cell.get("rowspan")
    return not merged and not any(child.tag in _BLOCKS for child in cell.iterdescendants())


def _row(cells: list[HtmlElement]) -> str:
    written = (inline(list(inline_nodes(cell)), one_line=True, in_table=True) for cell in cells)
    return f"| {' | '.join(written)} |"


# -- raw HTML


def _parse(html: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(html, create_parent="div")


def _raw(element: HtmlElement) -> str:
    """The element as HTML without blank lines, which would end the block, and without what cooking adds."""
    for part in element.iter():
        for name in _OURS:
            if not (part.tag == "code" and name == "class"):
                part.attrib.pop(name, None)
    written = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    parts = re.split(r"(<pre>.*?</pre>)", written, flags=re.DOTALL)
    parts[::2] = [_BLANK_LINES.sub("\n", part) for part in parts[::2]]
    parts[1::2] = [part.replace("\n", "&#10;") for part in parts[1::2]]
    return "".join(parts).strip()


_WRITERS: dict[str, Callable[[HtmlElement], str]] = {
    **{f"h{level}": _heading for level in range(1, 7)},
    "blockquote": _quote,
    "details": _details,
    "dl": _raw,
    "hr": lambda _: "---",
    "pre": _code,
    "table": _table,
}
