"""Reason codes: the rules that flags and decisions name."""

from __future__ import annotations

import re
from functools import lru_cache

from ecrm_server.errors import Refusal
from ecrm_server.settings.store import setting

DEFAULT = """\
spam: Advertising or spam
abuse: Insulting, threatening or hateful
off_topic: Does not belong here
privacy: Shows personal data of somebody
copyright: Copies a work without permission
illegal: Breaks the law
other: Something else"""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@lru_cache(maxsize=16)
def parse(text: str) -> dict[str, str]:
    """Code -> words, in the order of the lines. Raises ValueError for a line that is no reason."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.strip().splitlines(), 1):
        code, colon, words = (piece.strip() for piece in line.partition(":"))
        if not (_CODE.fullmatch(code) and colon and words):
            raise ValueError(f"Line {number} must look like 'spam: Advertising or spam'.")
        found[code] = words
    if not found:
        raise ValueError("At least one reason is needed.")
    return found


def reasons() -> dict[str, str]:
    """The site's reasons: code -> words."""
    return parse(setting("moderation.reasons"))


def words_of(code: str) -> str:
    """The words of a reason; raises Refusal for an unknown code."""
    found = reasons().get(code)
    if found is None:
        raise Refusal("Choose a reason from the list.", field="reason")
    return found
