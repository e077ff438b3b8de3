"""What must never be in rendered content, judged on the parsed document as a browser would build it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lxml import html as lxml_html

from ecrm_server.content.clean import TAGS
from ecrm_server.content.cooked import OWN_IMAGE

ALLOWED_TAGS = (TAGS - {"input"}) | {"span", "div"}
ALLOWED_ATTRIBUTES = {
    "href", "title", "class", "rel", "src", "alt", "width", "height", "loading", "tabindex", "align", "colspan",
    "rowspan", "start", "open",
}  # fmt: skip
CLASSES = re.compile(r"mention|picture-link|quote|code|plain|table-scroll|language-[\w+#.-]+|tok-[a-z0-9]+")
SAFE_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def faults(html: str) -> list[str]:
    """What a page must not contain, each as a word about the element; empty for safe content."""
    found = []
    root = lxml_html.fragment_fromstring(html, create_parent="main")
    for element in root.iterdescendants():
        if not isinstance(element.tag, str):
            found.append(f"comment {element}")
            continue
        if element.tag not in ALLOWED_TAGS:
            found.append(f"element {element.tag}")
        for name, value in element.attrib.items():
            found += _attribute_faults(element.tag, name, value)
    return found


def _attribute_faults(tag: str, name: str, value: str) -> list[str]:
    if name not in ALLOWED_ATTRIBUTES:
        return [f"attribute {tag} {name}"]
    if name == "class" and not CLASSES.fullmatch(value):
        return [f"class {value}"]
    if name == "src" and not OWN_IMAGE.fullmatch(value):
        return [f"picture {value}"]
    if name == "href":
        read = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(33)))).replace("\\", "/")
        if read.startswith("//") or (ANY_SCHEME.match(read) and not SAFE_SCHEME.match(read)):
            return [f"link {value}"]
    return []


def unbalanced(html: str) -> bool:
    """Whether some tag is closed that is not open, or the other way round."""
    stack = []
    for close, name in re.findall(r"<(/?)([a-z][a-z0-9]*)(?: [a-z-]+=\"[^\"]*\")*>", html):
        if close:
            if not stack or stack.pop() != name:
                return True
        elif name not in ("br", "hr", "img"):
            stack.append(name)
    return bool(stack)


def shared_data() -> Path:
    """The folder of real data: ECRM_SHARED_DATA, or beside the checkout."""
    named = os.environ.get("ECRM_SHARED_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data"
