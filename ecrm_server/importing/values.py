"""From the text of a cell to a value, for each type of field. A converter raises ValueError with the rest of a sentence
that begins with the column's name."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol

from ecrm_server import clock
from ecrm_server.content.names import email_key
from ecrm_server.importing.countries import LANGUAGES, country, fold
from ecrm_server.importing.kind import Field
from ecrm_server.importing.notation import Notation

Convert = Callable[[str], Any]

_LARGE = 2**63
_PLAIN_INTEGER = re.compile(r"-?\d{1,18}")
_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?")
_POINTED = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_PLAIN_EMAIL = re.compile(r"[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-/\u00a0]+")
_NO_DIGIT = re.compile(r"\D")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_DAY_NAMED = re.compile(r"(\d{1,2})\.?[\s-]+([^\W\d]+)\.?,?[\s-]+(\d{4})")
_NAMED_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_TIME = re.compile(
    r"(.+?)[T\s]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
_LONGEST_TIME = 100
_PART = re.compile(r"[;|]")

_TRUE = "true yes y 1 x on t ja j wahr oui o vrai si sí sì verdadero vero sim verdadeiro tak prawda waar ✓"
_FALSE = "false no n 0 - off f nein falsch non faux falso não nao nie fałsz nee onwaar"
_BOOLEANS = dict.fromkeys(_TRUE.split(), True) | dict.fromkeys(_FALSE.split(), False)


def converter(field: Field, notation: Notation) -> Convert:
    """The one function that reads a field's cells; they are never empty."""
    one = _same if field.resolve else field.convert or _MAKERS[field.type](field, notation)
    return functools.partial(_several, one) if field.several else one


def comparable(field: Field) -> Convert | None:
    """What makes a stored value comparable with a converted one, or None where it is so already."""
    if field.comparable is not None:
        return field.comparable
    if field.several:
        return lambda value: sorted(value) or None
    return _COMPARABLE.get(field.type)


def _several(one: Convert, text: str) -> list[Any] | None:
    return sorted({one(part) for raw in _PART.split(text) if (part := raw.strip())}) or None


def _text(field: Field, _: Notation) -> Convert:
    limit = field.max_length
    if not limit:
        return _same

    def read(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"has {len(text):,} characters, but at most {limit:,} fit")
        return text

    return read


def _same(text: str) -> str:
    return text


def _integer(_: Field, notation: Notation) -> Convert:
    number = _reader(notation)

    def read(text: str) -> int:
        if _PLAIN_INTEGER.fullmatch(text):
            return int(text)
        value = number(text)
        if value != value.to_integral_value():
            raise ValueError(f"is '{text[:40]}', which is no whole number")
        if not -_LARGE <= value < _LARGE:
            raise ValueError(f"is {text[:40]}, which is out of range")
        return int(value)

    return read


def _number(_: Field, notation: Notation) -> Convert:
    number = _reader(notation)

    def read(text: str) -> float:
        value = float(text) if not notation.comma and _PLAIN_NUMBER.fullmatch(text) else float(number(text))
        if not math.isfinite(value):
            raise ValueError(f"is {text[:40]}, which is out of range")
        return value

    return read


def _reader(notation: Notation) -> Callable[[str], Decimal]:
    """Reads a number with thousands parted by the other mark, a space or an apostrophe."""

    def read(text: str) -> Decimal:
        plain = re.sub(r"(?<=\d)[\s\u00a0\u202f'’](?=\d)", "", text)
        if notation.comma:
            plain = plain.translate(_SWAPPED)
        if not _POINTED.fullmatch(plain):
            raise ValueError(f"is '{text[:40]}', which is no number")
        return Decimal(plain.replace(",", ""))

    return read


_SWAPPED = str.maketrans(",.", ".,")


def _money(field: Field, notation: Notation) -> Convert:
    number, digits = _reader(notation), get_currency_precision(field.currency)
    symbols = {field.currency, *(get_currency_symbol(field.currency, language) for language in LANGUAGES)}
    limit = _LARGE // 10**digits

    def read(text: str) -> int:
        amount = text
        for symbol in symbols:
            amount = amount.removeprefix(symbol).removesuffix(symbol)
        negative = amount.startswith("(") and amount.endswith(")")
        value = number(amount.strip("() \u00a0\u202f"))
        minor = value.scaleb(digits)
        if minor != minor.to_integral_value():
            raise ValueError(f"is {text[:40]}, but {field.currency} has {digits} decimals")
        if abs(value) >= limit:
            raise ValueError(f"is {text[:40]}, which is out of range")
        return -int(minor) if negative else int(minor)

    return read


def _boolean(_: Field, __: Notation) -> Convert:
    def read(text: str) -> bool:
        value = _BOOLEANS.get(text.casefold())
        if value is None:
            raise ValueError(f"is '{text[:40]}', which is neither yes nor no")
        return value

    return read


def _choice(field: Field, _: Notation) -> Convert:
    known = {fold(title): code for code, title in field.choices.items()}
    known |= {code.casefold(): code for code in field.choices}
    offered = ", ".join(list(field.choices)[:12])

    def read(text: str) -> str:
        code = known.get(text.casefold()) or known.get(fold(text))
        if code is None:
            raise ValueError(f"is '{text[:40]}', which is none of {offered}")
        return code

    return read


def _email(_: Field, __: Notation) -> Convert:
    return _read_email


def _read_email(text: str) -> str:
    plain = text.lower()
    if _PLAIN_EMAIL.fullmatch(plain) and len(plain) <= 254:
        return plain
    try:
        return email_key(text)
    except ValueError:
        raise ValueError(f"is '{text[:80]}', which is no e-mail address") from None


def _phone(_: Field, __: Notation) -> Convert:
    def read(text: str) -> str:
        digits = _NO_DIGIT.sub("", text.replace("(0)", ""))
        if not _PHONE.fullmatch(text) or not 3 <= len(digits) <= 20:
            raise ValueError(f"is '{text[:40]}', which is no telephone number")
        if digits.startswith("00"):
            return f"+{digits[2:]}"
        return f"+{digits}" if text.startswith("+") else digits

    return read


def _country(_: Field, __: Notation) -> Convert:
    return country


def _date(_: Field, notation: Notation) -> Convert:
    def read(text: str) -> str:
        try:
            return _day(text, notation.day_first).isoformat()
        except ValueError:
            pass
        found = _TIME.fullmatch(text)  # spreadsheets like to add a midnight
        try:
            if found is None:
                raise ValueError
            return _day(found[1], notation.day_first).isoformat()
        except ValueError:
            raise ValueError(f"is '{text[:40]}', which is no date such as 2026-03-31") from None

    return read


def _day(text: str, day_first: bool) -> date:
    """Raises ValueError."""
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = _NUMERIC.fullmatch(text)
    if found:
        first, second = int(found[1]), int(found[2])
        day, month = (first, second) if day_first else (second, first)
        return date(_year(found[3]), month, day)
    found = _DAY_NAMED.fullmatch(text)
    if found:
        return date(int(found[3]), _month(found[2]), int(found[1]))
    found = _NAMED_DAY.fullmatch(text)
    if found:
        return date(int(found[3]), _month(found[1]), int(found[2]))
    raise ValueError


def _year(text: str) -> int:
    """A year of two digits lies at most ten years ahead."""
    year = int(text)
    if len(text) == 4:
        return year
    now = clock.to_datetime(clock.now()).year
    century = now - now % 100
    return century + year if century + year <= now + 10 else century - 100 + year


def _month(name: str) -> int:
    number = _months().get(fold(name))
    if number is None:
        raise ValueError
    return number


@functools.cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for context in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                found |= {fold(str(name)): number for number, name in context[width].items()}
    return found


def _time(_: Field, notation: Notation) -> Convert:
    zone = ZoneInfo(notation.zone)

    def read(text: str) -> int:
        try:
            if len(text) > _LONGEST_TIME:  # the time to read it grows with its square
                raise ValueError
            return clock.from_datetime(_moment(text, notation.day_first, zone))
        except (ValueError, OverflowError):
            raise ValueError(f"is '{text[:40]}', which is no time such as 2026-03-31 14:30") from None

    return read


def _moment(text: str, day_first: bool, zone: ZoneInfo) -> datetime:
    """Raises ValueError."""
    found = _TIME.fullmatch(text)
    if found is None:
        return datetime.combine(_day(text, day_first), datetime.min.time(), zone)
    hour, half, offset = int(found[2]), (found[6] or "").lower(), found[7]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    micro = int((found[5] or "0")[:6].ljust(6, "0"))
    day = _day(found[1].rstrip(","), day_first)
    moment = datetime(day.year, day.month, day.day, hour, int(found[3]), int(found[4] or 0), micro, tzinfo=zone)
    if offset == "Z":
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=datetime.strptime(offset.replace(":", ""), "%z").tzinfo) if offset else moment


_MAKERS: dict[str, Callable[[Field, Notation], Convert]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "choice": _choice,
    "email": _email,
    "phone": _phone,
    "country": _country,
}
_COMPARABLE: dict[str, Convert] = {"boolean": bool, "number": float, "email": str.casefold}
