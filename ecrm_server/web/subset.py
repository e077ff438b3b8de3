"""Style sheets without what no visitor needs: comments, and what of Bootstrap needs its own script."""

from __future__ import annotations

import re
from collections.abc import Iterator

SCRIPTED = (
    "accordion", "carousel", "collapse", "collapsing", "dropdown", "dropdown-center", "dropend", "dropstart", "dropup",
    "dropup-center", "fade", "modal", "navbar", "offcanvas", "popover", "showing", "toast", "tooltip",
)  # fmt: skip
"""Classes that begin with one of these words belong to such a component."""
_SCRIPTED = re.compile(rf"\.(?:bs-)?(?:{'|'.join(SCRIPTED)})(?![a-z])")


# A text in quotation marks may hold what looks like a comment; a comment that begins with ! says whose work this is.
_COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*(?!!).*?\*/""", re.DOTALL)


def without_comments(css: str) -> str:
    """A style sheet without what its authors say to each other."""
    return _COMMENT.sub(lambda found: found[1] or "", css)


def without_scripted(css: str) -> str:
    """Minified ``css`` without the selectors of those components, and without what they leave empty."""
    return "".join(_kept(css))


def _kept(css: str) -> Iterator[str]:
    for head, body in _blocks(css):
        if body is None:
            yield head
        elif head.startswith(("@media", "@supports")):
            inside = without_scripted(body)
            if inside:
                yield f"{head}{{{inside}}}"
        elif head.startswith("@"):
            if not _SCRIPTED.search(f".{head.partition(' ')[2]}"):
                yield f"{head}{{{body}}}"
        else:
            selectors = [selector for selector in _listed(head) if not _SCRIPTED.search(selector)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str | None]]:
    """Head and body of each rule at the outermost level; a comment or statement has no body."""
    at = 0
    while at < len(css):
        if css.startswith("/*", at):
            end = css.index("*/", at) + 2
            yield css[at:end], None
            at = end
            continue
        opened = css.find("{", at)
        if opened < 0:
            yield css[at:], None
            return
        depth, end = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:opened], css[opened + 1 : end - 1]
        at = end


def _listed(head: str) -> list[str]:
    """The selectors of a list; commas inside brackets, as in ``:not(.a,.b)``, do not divide."""
    return re.split(r",(?![^(]*\))", head)
