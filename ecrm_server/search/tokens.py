"""From text to the tokens of the index, the same on both engines.

Letters are folded (case, width, diacritics); Chinese, Japanese and Korean characters, and those of scripts written
without spaces, are tokens of their own, so that words of one or two characters are found as phrases.
"""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

MAX_TOKEN = 64
_ALONE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x31FF),  # kana, Bopomofo
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0x20000, 0x3FFFF),  # further extensions
)


def stands_alone(character: str) -> bool:
    """Whether a character is a token of its own."""
    code = ord(character)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _ALONE) and character.isalnum()


class _Folding(dict[int, str]):
    """code point -> what it becomes in the index; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = self[code] = _fold(character)
        return folded


def _fold(character: str) -> str:
    if stands_alone(character):
        return f" {character} "
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    base = "".join(c for c in unicodedata.normalize("NFD", character) if c.isalnum())
    return base or " "


class _Shape(dict[int, str]):
    """code point -> one folded character, so that positions stay; for marking words in the original."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _fold(character.lower()).strip() if character.isalnum() else character
        shaped = self[code] = folded if len(folded) == 1 else character
        return shaped


_folding = _Folding()
_shape = _Shape()


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return [token[:MAX_TOKEN] for token in plain.translate(_folding).split()]


def shape(text: str) -> str:
    """The text folded character by character, of the same length."""
    return text.lower() if text.isascii() else text.translate(_shape)


def facet(name: str, value: str) -> str:
    """One token for a property, such as a tag: a digest, so any value is a token and none is a word of the text."""
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    return "f" + blake2b(f"{name}={folded}".encode("utf-8", "replace"), digest_size=9).hexdigest()
