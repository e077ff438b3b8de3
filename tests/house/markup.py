"""What templates and scripts may not hold under the site's strict content security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][\w-]*(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.DOTALL)
RAW_TEXT = re.compile(r"<(script|style)\b", re.IGNORECASE)
DATA_SCRIPT = re.compile(r"\btype=[\"']?application/(ld\+)?json\b", re.IGNORECASE)

TAG_RULES = (
    (re.compile(r"\sstyle\s*=", re.IGNORECASE), "inline style"),
    (re.compile(r"\son[a-z]+\s*=", re.IGNORECASE), "inline event handler"),
    (re.compile(r"\shx-on\b", re.IGNORECASE), "hx-on needs eval"),
    (re.compile(r"[\"'\s](?:js|javascript):", re.IGNORECASE), "script in an attribute"),
    (re.compile(r"\shx-trigger\s*=\s*(?:\"[^\"]*\[|'[^']*\[)", re.IGNORECASE), "a trigger filter needs eval"),
    (
        re.compile(
            r"^<(?:script|link|img|iframe|source|video|audio)\b[^>]*\s(?:src|href)=[\"']?(?:https?:)?//", re.I
        ),
        "loads from another host",
    ),
)
JINJA_RULES = (
    # A literal before the filter is harmless: it is as trusted as the template.
    (re.compile(r"(?<![\s'\"])\s*\|\s*safe\b"), "|safe: cooked HTML comes from one module as Markup"),
    (re.compile(r"\{%-?\s*autoescape\s+false"), "autoescape is switched off"),
)
SCRIPT_RULES = (
    (re.compile(r"(?<![\w.])eval\s*\("), "eval"),
    (re.compile(r"\bnew\s+Function\s*\("), "new Function"),
    (re.compile(r"setAttribute\(\s*[\"'`](?:style|on\w+)[\"'`]"), "sets an inline style or handler"),
    (re.compile(r"\bimport\s*\(?\s*[\"'`]https?:|\bfrom\s+[\"'`]https?:"), "loads from another host"),
)


def template_faults(path: str, text: str) -> Iterator[str]:
    """Sentences about a template, each with its line."""
    for pattern, reason in JINJA_RULES:
        for match in pattern.finditer(text):
            yield f"{path}:{_line(text, match.start())}: {reason}"
    # What Jinja puts in is replaced by as many harmless characters, so that places stay the same.
    html = JINJA.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), text)
    for tag in TAG.finditer(html):
        place = f"{path}:{_line(html, tag.start())}"
        yield from (f"{place}: {reason}" for pattern, reason in TAG_RULES if pattern.search(tag[0]))
        raw = RAW_TEXT.match(tag[0])
        if raw and raw[1].lower() == "style":
            yield f"{place}: inline style sheet"
        elif raw and not re.search(r"\ssrc\s*=", tag[0]) and not DATA_SCRIPT.search(tag[0]):
            yield f"{place}: inline script"


def script_faults(path: str, text: str) -> Iterator[str]:
    """Sentences about a JavaScript module, each with its line."""
    for pattern, reason in SCRIPT_RULES:
        for match in pattern.finditer(text):
            yield f"{path}:{_line(text, match.start())}: {reason}"


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
