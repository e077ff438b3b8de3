"""Numbers in attributes."""

from __future__ import annotations


def small_number(number: str | None) -> bool:
    """Whether an attribute holds a plain number of at most five digits."""
    return number is not None and number.isascii() and number.isdigit() and len(number) <= 5


def picture_size(attributes: dict[str, str]) -> dict[str, str]:
    """The width and height of a picture, where they are plain numbers."""
    return {key: attributes[key] for key in ("width", "height") if small_number(attributes.get(key))}
