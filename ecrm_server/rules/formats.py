"""Values of traits as people read them, in English; the same on every machine."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from ecrm_server import clock
from ecrm_server.clock import DAY
from ecrm_server.rules.moments import today
from ecrm_server.rules.trait import Trait

__all__ = ["DAY", "days_since", "distance", "stored", "value"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FIRST_TIME, _LAST_TIME = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999."""


def value(trait: Trait, item: Any) -> str:
    """A value as it stands in a rule: money with its currency beside the amount."""
    if trait.kind == "money":
        return money(item["amount"], item["currency"])
    return f"'{item}'" if trait.kind == "text" else stored(trait, item)


def stored(trait: Trait, item: Any) -> str:
    """A value as the trait is read: money as a plain amount."""
    match trait.kind:
        case "money":
            return money(item, trait.currency)
        case "boolean":
            return "yes" if item else "no"
        case "date":
            return day(date.fromisoformat(item))
        case "time":
            return time(item)
        case "integer" | "number":
            return f"{item:,}" if item != int(item) else f"{int(item):,}"
        case _:
            return trait.choices.get(item, item)


def money(amount: int, currency: str) -> str:
    """Minor units with as many decimals as the currency has: ``1,250.00 EUR``."""
    places = _places(currency)
    return f"{Decimal(amount).scaleb(-places):,.{places}f} {currency}"


@cache
def _places(currency: str) -> int:
    return get_currency_precision(currency)


def day(moment: date) -> str:
    """``31 March 2026``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def time(ms: int) -> str:
    """``31 March 2026 14:05 UTC``; a time outside the calendar as its number."""
    if not _FIRST_TIME <= ms <= _LAST_TIME:
        return f"{ms} ms"
    moment = clock.to_datetime(0) + timedelta(milliseconds=ms)
    return f"{day(moment.date())} {moment:%H:%M} UTC"


def days_since(moment: date, as_of: int, zone: ZoneInfo) -> int:
    """Days from a date to the day of a moment, negative when it is still to come."""
    return (today(as_of, zone) - moment).days


def distance(days: int) -> str:
    """A number of days since, in words."""
    if days == 0:
        return "today"
    count = f"{abs(days):,} {'day' if abs(days) == 1 else 'days'}"
    return f"{count} ago" if days > 0 else f"in {count}"
