"""Time zones that people can choose, and the one that a browser names."""

from __future__ import annotations

import zoneinfo
from functools import cache


@cache
def names() -> tuple[str, ...]:
    """Every zone with a place in its name, sorted; beside them there is UTC, the empty choice."""
    return tuple(sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and zone[:3] != "Etc"))


def known(text: str | None) -> str:
    """The zone that a browser named, or "" for one that is not known: nobody is kept from joining by it."""
    return text if text in names() else ""
