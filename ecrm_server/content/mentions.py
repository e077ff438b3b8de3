"""Names after an @ in running text."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Callable, Mapping

from ecrm_server.content.links import tag

Mentions = Callable[[set[str]], Mapping[str, str]]
"""Gets the names as written and returns the profile address of each that exists."""

_MENTION = re.compile(r"(?<![\w@/.+])@(\w(?:[\w.-]{0,58}\w)?)")


def link_mentions(
    out: list[str], places: list[tuple[int, bool]], mentions: Mentions | None
) -> tuple[str, ...]:
    """Link the names in the text pieces of `out` at `places` (index, whether in a quote), in place.

    Returns the names outside quotes in their order, each once: who is quoted is not called again.
    """
    called: dict[str, None] = {}
    every: set[str] = set()
    for index, in_quote in places:
        names = _MENTION.findall(out[index])
        every.update(names)
        if not in_quote:
            called.update(dict.fromkeys(names))
    if mentions is not None and every:
        addresses = mentions(every)
        for index, _ in places:
            out[index] = _MENTION.sub(lambda found: _linked(found, addresses), out[index])
    return tuple(called)


def _linked(found: re.Match[str], addresses: Mapping[str, str]) -> str:
    address = addresses.get(found[1])
    if address is None:
        return found[0]
    return f"{tag('a', {'class': 'mention', 'href': address})}@{_html.escape(found[1])}</a>"
