"""Icons: Tabler's outline drawings inlined as SVG, so they take the text's colour and cost no request.

The names are those of ``static/vendor/icons.txt``. A plugin that needs another drawing inlines its own SVG.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

_FILE = Path(__file__).resolve().parent.parent / "static" / "vendor" / "tabler" / "icons.json"
# What an unknown name shows outside tests: a neutral square, so that a page never fails for a drawing.
_SQUARE = '<rect x="5" y="5" width="14" height="14" rx="2"/>'
_strict = False


class UnknownIcon(LookupError):
    """No vendored icon has this name; raised only while ``strict(True)`` holds (tests)."""


def strict(on: bool) -> None:
    """Choose whether an unknown name raises ``UnknownIcon`` (tests) or draws a neutral square."""
    global _strict
    _strict = on
    icon.cache_clear()


@cache
def names() -> frozenset[str]:
    """Every name that ``icon`` can draw."""
    return frozenset(_drawings())


@lru_cache(maxsize=2048)
def icon(name: str, size: int = 20, label: str | None = None) -> Markup:
    """The icon as inline SVG, ``size`` CSS pixels square.

    Without ``label`` it is hidden from assistive technology; with one it is an image with that name.
    """
    body = _drawings().get(name)
    if body is None:
        if _strict:
            raise UnknownIcon(f"no icon is named {name!r}; add it to static/vendor/icons.txt")
        body = _SQUARE
    role = Markup('role="img" aria-label="%s"') % escape(label) if label else Markup('aria-hidden="true"')
    # Stroke and fill stand once in ecrm.css (.icon), not in each of a page's dozens of drawings.
    return Markup(
        f'<svg class="icon" width="{int(size)}" height="{int(size)}" viewBox="0 0 24 24" {role}>{body}</svg>'
    )


@cache
def _drawings() -> dict[str, str]:
    drawings: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))
    return drawings
