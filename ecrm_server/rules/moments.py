"""Dates and times relative to the moment a rule is asked about: windows, anniversaries, and when they open or close."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ecrm_server.clock import DAY

_LAST_ORDINAL = date.max.toordinal()


@lru_cache(maxsize=64)
def today(as_of: int, zone: ZoneInfo) -> date:
    """The date in a zone at a moment."""
    return datetime.fromtimestamp(as_of // 1000, UTC).astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> int:
    """The moment at which a date begins in a zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def shifted(day: date, days: int) -> date:
    """A date so many days later, held within the years 1 to 9999."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), _LAST_ORDINAL))


@dataclass(frozen=True, slots=True)
class Window:
    """A span of days relative to a moment, both ends included.

    first: days from the moment to its beginning, negative for the past; None when it has none.
    last: to its end. before: whether the end itself is left out ("more than N days ago").
    """

    first: int | None
    last: int
    before: bool = False

    def times(self, as_of: int) -> tuple[int | None, int]:
        """First and last millisecond of the window at a moment."""
        return (
            None if self.first is None else as_of + self.first * DAY,
            as_of + self.last * DAY - self.before,
        )

    def dates(self, as_of: int, zone: ZoneInfo) -> tuple[str | None, str]:
        """First and last date of the window on the day of a moment."""
        day = today(as_of, zone)
        return (
            None if self.first is None else shifted(day, self.first).isoformat(),
            shifted(day, self.last - self.before).isoformat(),
        )

    def time_changes(self, moment: int) -> Iterator[int]:
        """The moments at which a time enters and leaves the window."""
        yield moment - self.last * DAY + self.before
        if self.first is not None:
            yield moment - self.first * DAY + 1

    def date_changes(self, day: date, zone: ZoneInfo) -> Iterator[int]:
        """The moments at which a date enters and leaves the window."""
        yield midnight(shifted(day, self.before - self.last), zone)
        if self.first is not None:
            yield midnight(shifted(day, 1 - self.first), zone)


def anniversary(day: date, year: int) -> date:
    """A date's day in another year; 29 February is kept on 28 February in years without one."""
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)


def anniversary_span(days: int, as_of: int, zone: ZoneInfo) -> tuple[str, str]:
    """First and last ``MM-DD`` whose anniversary is today or within so many days (at most 364).

    When the first is greater than the last, the span goes over the end of the year.
    """
    first = today(as_of, zone)
    last = shifted(first, days)
    ends_february = (last.month, last.day) == (2, 28) and not isleap(last.year)
    return first.isoformat()[5:], "02-29" if ends_february else last.isoformat()[5:]


def anniversary_changes(day: date, days: int, as_of: int, zone: ZoneInfo) -> Iterator[int]:
    """The moments around ``as_of`` at which an anniversary comes within so many days, or has passed."""
    year = today(as_of, zone).year
    for near in range(max(year - 1, 1), min(year + 2, 9998) + 1):
        kept = anniversary(day, near)
        yield midnight(shifted(kept, -days), zone)
        yield midnight(kept + timedelta(days=1), zone)
