"""Colours: contrast as WCAG 2.2 defines it, and a whole accent scale made from the one colour of a site.

The wizard asks for one colour. Whatever it is, text on it and text in it must stay readable in light and dark, so
the tokens are moved towards black or white until they are.
"""

from __future__ import annotations

RGB = tuple[int, int, int]
AA = 4.5
_WHITE: RGB = (255, 255, 255)
_BLACK: RGB = (0, 0, 0)
# The darkest light and the lightest dark ground that accent-coloured text stands on.
_LIGHT_GROUND: RGB = (239, 241, 244)
_DARK_GROUND: RGB = (34, 38, 45)
# A little above AA, so that rounding to whole channel values never falls below it.
_AIM = 4.6


def parse_hex(colour: str) -> RGB:
    """``#rgb``, ``#rrggbb`` or the same without ``#``; raises ValueError otherwise."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"{colour!r} is no colour: write it as #rrggbb")
    number = int(digits, 16)
    return number >> 16, number >> 8 & 255, number & 255


def to_hex(colour: RGB) -> str:
    """``(r, g, b)`` as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(first: RGB, second: RGB) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: RGB, other: RGB, share: float) -> RGB:
    """``colour`` with ``share`` (0 to 1) of ``other`` in it, channel by channel."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def accent_css(colour: str) -> str:
    """The accent tokens of ``tokens.css`` for one colour (``rrggbb``), readable in light and dark."""
    base = parse_hex(colour)
    solid = _readable(base, (_WHITE,), _BLACK)
    soft, dark_soft = mix(base, _WHITE, 0.9), mix(_DARK_GROUND, base, 0.12)
    hover = mix(solid, _BLACK, 0.14)
    tokens = {
        "accent": (solid, solid),
        "accent-hover": (hover, hover),
        "accent-text": (
            _readable(base, (soft, _LIGHT_GROUND), _BLACK),
            _readable(base, (dark_soft, _DARK_GROUND), _WHITE),
        ),
        "accent-soft": (soft, dark_soft),
        "focus": (solid, _readable(base, (_DARK_GROUND,), _WHITE)),
    }
    lines = [
        f"  --{name}: light-dark({to_hex(light)}, {to_hex(dark)});" for name, (light, dark) in tokens.items()
    ]
    return ":root {\n" + "\n".join(lines) + "\n}\n"


def _readable(colour: RGB, grounds: tuple[RGB, ...], towards: RGB) -> RGB:
    """``colour``, moved towards black or white until it reads on every ground."""
    for step in range(101):
        moved = mix(colour, towards, step / 100)
        if min(contrast(moved, ground) for ground in grounds) >= _AIM:
            return moved
    return towards


def _luminance(colour: RGB) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
