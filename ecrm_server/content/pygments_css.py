"""The colours of code blocks, for light and dark: `python -m ecrm_server.content.pygments_css`."""

from __future__ import annotations

from pathlib import Path

from pygments.style import Style
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES

from ecrm_server.content.highlight import CLASS_PREFIX, plain_tokens

_LIGHT, _DARK = "xcode", "github-dark"
_ORDINARY_TEXT = {"000000", "e6edf3"}  # what the two styles give to plain text
_HEAD = "/* Written by ecrm_server.content.pygments_css; change the styles there. */\n"


def code_css() -> str:
    """CSS for the token classes: light by default, dark by the page's theme or by the system's preference.

    `data-bs-theme` on the root element wins over the system; without it the system decides.
    """
    dark_style = get_style_by_name(_DARK)
    light = _rules(get_style_by_name(_LIGHT), "")
    chosen = _rules(dark_style, '[data-bs-theme="dark"] ')
    system = _rules(dark_style, ":root:not([data-bs-theme]) ")
    indented = "".join(f"  {line}\n" for line in system.splitlines())
    return f"{_HEAD}{light}{chosen}@media (prefers-color-scheme: dark) {{\n{indented}}}\n"


def _rules(style: type[Style], scope: str) -> str:
    """One rule for each look, so that the sheet stays small."""
    looks: dict[str, list[str]] = {}
    for kind, name in sorted(STANDARD_TYPES.items(), key=lambda item: item[1]):
        declarations = _declarations(style, kind)
        if name and declarations:
            looks.setdefault(declarations, []).append(f"{scope}.{CLASS_PREFIX}{name}")
    return "".join(f"{', '.join(names)} {{ {look} }}\n" for look, names in looks.items())


def _declarations(style: type[Style], kind: object) -> str:
    """The look of a kind of token; each kind has one in both styles, so no light one stays in the dark."""
    if kind in plain_tokens():
        return ""
    look = style.style_for_token(kind)
    color = look["color"]
    ordinary = color is None or color.lower() in _ORDINARY_TEXT
    parts = ["color: inherit;" if ordinary else f"color: #{color.lower()};"]
    parts += ["font-weight: 600;"] if look["bold"] else []
    parts += ["font-style: italic;"] if look["italic"] else []
    return " ".join(parts)


def write(folder: Path) -> Path:
    """Write code.css into `folder` and return its path."""
    path = folder / "code.css"
    path.write_text(code_css(), encoding="utf-8")
    return path


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[1] / "static")
