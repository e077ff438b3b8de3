"""Template filters: times, numbers and names as the visitor reads them.

Times come in as integer milliseconds since 1970 UTC. Babel's formatters cost tens of microseconds a call, too much
for a list of fifty rows, so every result is kept per locale and (rounded) value.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from datetime import UTC, timedelta, tzinfo
from datetime import date as calendar_day
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError, dates, numbers
from flask import has_app_context
from jinja2 import Environment
from markupsafe import Markup

from ecrm_server import clock
from ecrm_server.web.icons import icon

COLOURS = 12
"""Number of the avatar colours in ``tokens.css``."""

_DEFAULT_LOCALE = "en"
_NOW = 45 * clock.SECOND
_RELATIVE = 30 * clock.DAY
_UNITS = (("day", clock.DAY), ("hour", clock.HOUR), ("minute", clock.MINUTE))
_TIME = Markup('<time datetime="%s" title="%s">%s</time>')
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def install(environment: Environment) -> None:
    """Put the filters below and the global ``icon`` into a Jinja environment."""
    filters: dict[str, Callable[..., object]] = {
        "age": age,
        "ago": ago,
        "when": when,
        "exact": exact,
        "date": date,
        "day": day,
        "iso": iso,
        "number": number,
        "compact": compact,
        "bytes": byte_size,
        "initials": initials,
        "colour_index": colour_index,
        "plural": plural,
    }
    environment.filters.update(filters)
    environment.globals["icon"] = icon


def ago(ms: int) -> str:
    """How long ago (or until) a time is: "now", "5m ago", "in 2h"; a date when more than 30 days lie between."""
    return _ago(ms, _locale())


def age(ms: int, now: int | None = None) -> int:
    """A number that stays the same exactly as long as the relative text of a past time: for keys of kept pieces."""
    passed = (clock.now() if now is None else now) - ms
    if passed >= _RELATIVE:
        return -1
    for step, (_, length) in enumerate(_UNITS):
        if passed >= length:
            return step * 100 + passed // length
    return 201 if passed >= _NOW else 300


def when(ms: int) -> Markup:
    """A ``<time>`` element: relative text, the exact time on hover, ISO 8601 for scripts."""
    locale = _locale()
    if clock.now() - ms >= _RELATIVE:
        return _when_long_ago(ms, locale, _zone())
    return _TIME % (iso(ms), _exact_in(ms, locale), _ago(ms, locale))


def exact(ms: int) -> str:
    """Date and time to the minute, in the visitor's locale and time zone."""
    return _exact_in(ms, _locale())


def date(ms: int) -> str:
    """The day alone, in the visitor's locale and time zone."""
    zone = _zone()
    return _date(clock.to_datetime(ms).astimezone(zone).toordinal(), _locale())


def day(text: str) -> str:
    """A day of the calendar (``2026-12-24``) in the visitor's locale."""
    return _date(calendar_day.fromisoformat(text).toordinal(), _locale())


def iso(ms: int) -> str:
    """ISO 8601 in UTC to the second, as ``<time datetime>`` wants it."""
    return clock.to_datetime(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(n: int | float) -> str:
    """A number with the locale's separators."""
    return _number(n, _locale())


def compact(n: int) -> str:
    """A short number: 950, 1.2K, 3M (CLDR's short form of the locale)."""
    return _compact(n, _locale())


def byte_size(n: int) -> str:
    """A size in decimal units: 812 B, 1.4 MB."""
    value, unit = float(n), 0
    while value >= 999.5 and unit < len(_BYTE_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    shown = round(value, 1) if unit and value < 99.5 else round(value)
    return f"{number(shown)}\N{NO-BREAK SPACE}{_BYTE_UNITS[unit]}"


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """One or two capital letters for an avatar; "?" when the name has no letter or digit."""
    words = [word for word in ("".join(c if c.isalnum() else " " for c in name)).split() if word]
    if not words:
        return "?"
    first = words[0][0]
    if unicodedata.east_asian_width(first) in ("W", "F") or len(words) == 1:
        return first.upper()[:1]
    return (first + words[-1][0]).upper()[:2]


def colour_index(uid: str) -> int:
    """The avatar colour of a uid, 0 to 11, the same everywhere and always."""
    return zlib.crc32(str(uid).encode()) % COLOURS


def plural(n: int, one: str, many: str) -> str:
    """``n`` in words: ``3|plural("%(num)d reply", "%(num)d replies")``, translated where there is a request."""
    if has_app_context():
        from flask_babel import ngettext

        return ngettext(one, many, n)
    return (one if n == 1 else many) % {"num": n}


def _ago(ms: int, locale: str) -> str:
    passed = clock.now() - ms
    distance = abs(passed)
    if distance < _NOW:
        return _text_now()
    if distance >= _RELATIVE:
        return _date(clock.to_datetime(ms).astimezone(_zone()).toordinal(), locale)
    for unit, length in _UNITS:
        if distance >= length:
            return _relative(unit, distance // length, passed < 0, locale)
    return _relative("minute", 1, passed < 0, locale)


def _text_now() -> str:
    if has_app_context():
        from flask_babel import gettext

        return gettext("now")
    return "now"


@lru_cache(maxsize=16384)
def _when_long_ago(ms: int, locale: str, zone: tzinfo) -> Markup:
    """The element for a time so old that its text no longer changes."""
    return _TIME % (iso(ms), _exact(ms // clock.MINUTE, locale, zone), _ago(ms, locale))


@lru_cache(maxsize=2048)
def _relative(unit: str, count: int, future: bool, locale: str) -> str:
    delta = timedelta(**{f"{unit}s": count if future else -count})
    # A threshold equal to the count keeps Babel from choosing a larger unit, such as weeks.
    return dates.format_timedelta(
        delta, threshold=count, add_direction=True, format=_style(locale), locale=locale
    )


@lru_cache(maxsize=64)
def _style(locale: str) -> Literal["narrow", "short"]:
    """ "short" for locales that have no narrow form of their own: Babel would take the long one."""
    two_hours = timedelta(hours=2)
    narrow = dates.format_timedelta(two_hours, add_direction=True, format="narrow", locale=locale)
    long = dates.format_timedelta(two_hours, add_direction=True, format="long", locale=locale)
    return "short" if narrow == long else "narrow"


def _exact_in(ms: int, locale: str) -> str:
    return _exact(ms // clock.MINUTE, locale, _zone())


@lru_cache(maxsize=16384)
def _exact(minute: int, locale: str, zone: tzinfo) -> str:
    moment = clock.to_datetime(minute * clock.MINUTE).astimezone(zone)
    day = dates.format_date(moment.date(), "medium", locale)
    return (
        f"{day}, {dates.format_time(moment.timetz(), 'short', tzinfo=zone, locale=locale)} {moment.tzname()}"
    )


@lru_cache(maxsize=8192)
def _date(ordinal: int, locale: str) -> str:
    return dates.format_date(calendar_day.fromordinal(ordinal), "medium", locale)


@lru_cache(maxsize=8192)
def _number(n: int | float, locale: str) -> str:
    return numbers.format_decimal(n, locale=locale)


@lru_cache(maxsize=8192)
def _compact(n: int, locale: str) -> str:
    return numbers.format_compact_decimal(n, format_type="short", locale=locale, fraction_digits=1)


def _locale() -> str:
    """The visitor's locale as Babel writes it; English outside a request or where Babel knows no such locale."""
    if not has_app_context():
        return _DEFAULT_LOCALE
    from flask_babel import get_locale

    try:
        found = get_locale()
    except (KeyError, UnknownLocaleError):
        # Flask-Babel is not set up in this app (tools that render templates alone).
        return _DEFAULT_LOCALE
    return _name(found) if found else _DEFAULT_LOCALE


@lru_cache(maxsize=64)
def _name(locale: Locale) -> str:
    return str(locale)


def _zone() -> tzinfo:
    """The visitor's time zone; UTC where none is known."""
    if not has_app_context():
        return UTC
    from flask_babel import get_timezone

    try:
        return get_timezone() or UTC
    except KeyError:
        return UTC


__all__ = [
    "age",
    "ago",
    "byte_size",
    "colour_index",
    "compact",
    "date",
    "day",
    "exact",
    "initials",
    "install",
    "iso",
    "number",
    "plural",
    "when",
]
