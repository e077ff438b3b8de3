"""Countries as files call them: by code of two or three letters, or by name in one of several languages."""

from __future__ import annotations

import functools
import unicodedata

from babel import Locale
from babel.core import get_global

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")
_COMMON = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "usa": "US", "united states of america": "US", "america": "US", "eire": "IE", "republic of ireland": "IE",
    "rsa": "ZA", "holland": "NL", "korea": "KR", "russian federation": "RU", "czech republic": "CZ", "uae": "AE",
    "hong kong": "HK", "macedonia": "MK", "turkey": "TR", "brd": "DE",
}  # fmt: skip
_NO_COUNTRY = {
    "channel islands": "are two: Jersey and Guernsey; name one of them",
    "european community": "is many countries; name one of them",
    "european union": "is many countries; name one of them",
    "eu": "is many countries; name one of them",
} | dict.fromkeys(("unspecified", "unknown", "other", "none", "na", "n a"), "names no country")
"""What files say in the place of a country, and the end of a sentence about it."""
_NONE = frozenset({"EU", "EZ", "UN", "XA", "XB", "QO", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
"""Codes of CLDR's own, and those that ISO 3166-1 only reserves."""


@functools.cache
def names() -> dict[str, str]:
    """Folded code or name -> code of two letters."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NONE:
                found.setdefault(fold(name), code)
                found.setdefault(code.casefold(), code)
    for old, new in get_global("territory_aliases").items():
        if len(old) == 3 and old.isalpha() and len(new) == 1:
            found.setdefault(old.casefold(), new[0])
    return found | _COMMON


def fold(text: str) -> str:
    """A name without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


@functools.lru_cache(maxsize=4_096)
def country(text: str) -> str:
    """The code of a country. Raises ValueError with the rest of a sentence."""
    folded = fold(text)
    found = names().get(folded)
    if found is None and folded in _NO_COUNTRY:
        raise ValueError(f"is '{text[:60]}', which {_NO_COUNTRY[folded]}")
    if found is None:
        raise ValueError(f"is '{text[:60]}', which is no country; use its name or a code such as DE")
    return found
