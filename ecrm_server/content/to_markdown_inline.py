"""Running text of our sanitised HTML as Markdown."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

Node = str | HtmlElement

_SPACE = re.compile(r"[ \t\r\n\f]+")
_SPECIAL = re.compile(r"([\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|&(?=[#A-Za-z]))")
_BARE_ADDRESS = re.compile(r"\b(https?|ftp):(?=//)|\b(www)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(?:([#>+=|:-])|(\d{1,9})([.)]))")
_MARKS = {"strong": "**", "b": "**", "em": "_", "i": "_", "del": "~~", "s": "~~"}
_WITHOUT_FORM = frozenset(("abbr", "ins", "kbd", "mark", "q", "samp", "small", "sub", "sup", "u", "var"))


def inline_nodes(element: HtmlElement) -> Iterator[Node]:
    """The texts and child elements of an element in their order."""
    if element.text:
        yield element.text
    for child in element:
        yield child
        if child.tail:
            yield child.tail


def inline(nodes: list[Node], *, one_line: bool = False, in_table: bool = False) -> str:
    """A run of texts and inline elements; a line break becomes a line end, or `<br>` with `one_line`."""
    written = _run(nodes, "<br>" if one_line else "\n")
    written = re.sub(r" *\n *", "\n", written).strip(" \n")
    written = re.sub(r"\n{2,}", "\n", written)
    return re.sub(r"(?<!\\)\|", r"\\|", written) if in_table else written


def escape_line_start(text: str) -> str:
    """Keep the first character of each line from starting a list, a heading, a quote or a rule."""
    return "\n".join(_LINE_START.sub(_escaped_start, line) for line in text.split("\n"))


def _escaped_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _run(nodes: list[Node], line_break: str) -> str:
    written = ""
    for index, node in enumerate(nodes):
        following = nodes[index + 1] if index + 1 < len(nodes) else ""
        if isinstance(node, str):
            text = _text(node)
            if text.endswith("!") and not isinstance(following, str) and following.tag in ("a", "img"):
                text = f"{text[:-1]}\\!"
            written += text
        else:
            after = following[:1] if isinstance(following, str) else "x"
            written += _element(node, written[-1:], after, line_break)
    return written


def _text(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text))
    return _BARE_ADDRESS.sub(lambda found: f"{found[1]}\\:" if found[1] else f"{found[2]}\\.", escaped)


def _element(element: HtmlElement, before: str, after: str, line_break: str) -> str:
    if element.tag == "br":
        return line_break
    if element.tag in _WRITERS:
        return _WRITERS[element.tag](element, line_break)
    inner = _run(list(inline_nodes(element)), line_break)
    if element.tag in _MARKS:
        return _emphasis(element.tag, inner, before, after)
    if element.tag not in _WITHOUT_FORM or not inner.strip():
        return inner
    title = element.get("title")
    attribute = f' title="{_html.escape(title)}"' if title else ""
    return f"<{element.tag}{attribute}>{inner}</{element.tag}>"


def _emphasis(name: str, inner: str, before: str, after: str) -> str:
    """Marks where Markdown would read them as meant, else the tags."""
    words = inner.strip()
    if not words or "\n\n" in words:
        return inner
    head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    mark = _MARKS[name]
    before, after = head[-1:] or before, tail[:1] or after
    if _mark_works(mark, words, before, after):
        return f"{head}{mark}{words}{mark}{tail}"
    return f"{head}<{name}>{words}</{name}>{tail}"


def _mark_works(mark: str, words: str, before: str, after: str) -> bool:
    """A strict form of CommonMark's rule for delimiters: the marks stand apart, or between word and word."""
    if words[0] in "*_~" or words[-1] in "*_~\\":
        return False
    apart = not before or before.isspace() or before in "([{\"'“‘—-"
    ended = not after or after.isspace() or after in ".,;:!?)]}\"'”’—-"
    if apart and ended:
        return True
    return (
        mark == "**"
        and words[0].isalnum()
        and words[-1].isalnum()
        and before not in "*_~"
        and after not in "*_~"
    )


def _code(element: HtmlElement, _line_break: str) -> str:
    code = _SPACE.sub(" ", element.text_content())
    if not code.strip():
        return code
    if len(element):
        return f"<code>{_html.escape(code, quote=False)}</code>"
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if code[0] == "`" or code[-1] == "`" or (code[0] == code[-1] == " ") else ""
    return f"{fence}{pad}{code}{pad}{fence}"


def _link(element: HtmlElement, line_break: str) -> str:
    address = element.get("href") or ""
    shown = " ".join(element.text_content().split())
    if element.get("class") == "picture-link" and (shown == "Picture" or shown.startswith("Picture: ")):
        return _picture(address, shown.removeprefix("Picture").removeprefix(": "))
    if element.get("class") == "mention":
        return _text(shown)
    if shown == address and re.fullmatch(r"https?://[^\s<>\\]+", address):
        return f"<{address}>"
    inner = re.sub(r"\s*\n\s*", "\n", _run(list(inline_nodes(element)), line_break))
    if not inner.strip():
        return inner
    title = element.get("title")
    head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{head}[{inner.strip()}]({_address(address)}{f' {_quoted(title)}' if title else ''}){tail}"


def _picture(address: str, alt: str) -> str:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    return f"![{'' if alt == host else _text(alt)}]({_address(address)})"


def _image(element: HtmlElement, _line_break: str) -> str:
    width, height = element.get("width"), element.get("height")
    size = f"|{width}x{height}" if width and height else ""
    return f"![{_text(element.get('alt') or '')}{size}]({_address(element.get('src') or '')})"


def _address(address: str) -> str:
    """A link destination; the pointed form takes what the bare one would not."""
    if re.fullmatch(r"[^\s()<>\\&]+", address):
        return address
    escaped = re.sub(r"([<>\\&])", r"\\\1", _SPACE.sub("%20", address))
    return f"<{escaped}>"


def _quoted(title: str) -> str:
    escaped = re.sub(r'(["\\&])', r"\\\1", _SPACE.sub(" ", title))
    return f'"{escaped}"'


_WRITERS: dict[str, Callable[[HtmlElement, str], str]] = {"a": _link, "code": _code, "img": _image}
