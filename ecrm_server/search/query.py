"""What people write into the search box: words, "phrases", -exclusions and filters. Never raises, whatever it is given.

==================  =========================================================
``chain oil``       both words; the last one may be the beginning of a word
``"rear wheel"``    the words in this order
``-brake``          not this word (also before a phrase or a filter)
``author:ann``      by this person (several: by any of them)
``tag:repair``      with this tag (several: with all)
``in:help``         in this place (several: in any)
``is:solved``       in this state (several: in all)
``after:2020-06``   from this day, month or year on
``before:2021``     earlier than this day, month or year
``sort:new``        newest first instead of best first
==================  =========================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ecrm_server import clock
from ecrm_server.search.tokens import facet, stands_alone, tokens

MAX_TEXT = 400
MAX_TERMS = 16
ANY_OF = ("author", "in")
ALL_OF = ("tag", "is")
_ITEM = re.compile(r'(-)?(?:([A-Za-z]{2,6}):)?(?:"([^"]*)"?|([^\s"]+))')
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several in order. ``prefix``: the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. Times are milliseconds; ``after`` is included, ``before`` is not."""

    words: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    excluded_filters: tuple[tuple[str, str], ...] = ()
    before: int | None = None
    after: int | None = None
    newest_first: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing that could be found."""
        return not (self.words or self.filters or self.before is not None or self.after is not None)

    def values(self, name: str) -> list[str]:
        """The values of one filter."""
        return [value for filter_name, value in self.filters if filter_name == name]

    def facets(self) -> list[list[str]]:
        """The filters as property tokens in groups: one of each group must be there."""
        groups = [[facet(name, value) for value in self.values(name)] for name in ANY_OF]
        groups += [[facet(name, value)] for name, value in self.filters if name in ALL_OF]
        return [group for group in groups if group]


@dataclass
class _Collected:
    words: list[Term] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    filters: list[tuple[str, str]] = field(default_factory=list)
    excluded_filters: list[tuple[str, str]] = field(default_factory=list)
    before: int | None = None
    after: int | None = None
    newest_first: bool = False


def parse(text: str) -> Query:
    """Read a search text; what cannot be understood as a filter is taken as words."""
    found = _Collected()
    text = text[:MAX_TEXT]
    for match in _ITEM.finditer(text):
        minus, name, phrase, word = match.groups()
        value = phrase if phrase is not None else word
        if name is not None and _take_filter(found, name.lower(), value.strip(), negated=bool(minus)):
            continue
        whole = f"{name}:{value}" if name is not None else value
        open_ended = phrase is None and match.end() == len(text)
        _take_words(found, whole, negated=bool(minus), prefix=open_ended)
    return Query(
        words=tuple(found.words[:MAX_TERMS]),
        excluded=tuple(found.excluded[:MAX_TERMS]),
        filters=tuple(dict.fromkeys(found.filters[:MAX_TERMS])),
        excluded_filters=tuple(found.excluded_filters[:MAX_TERMS]),
        before=found.before,
        after=found.after,
        newest_first=found.newest_first,
    )


def _take_filter(found: _Collected, name: str, value: str, *, negated: bool) -> bool:
    """Note a filter; False when it is none."""
    if name in ANY_OF + ALL_OF:
        if value:
            (found.excluded_filters if negated else found.filters).append((name, value))
        return True
    if name == "sort" and value in ("new", "best"):
        found.newest_first = value == "new"
        return True
    if name in ("before", "after") and (moment := day(value)) is not None:
        setattr(found, name, moment)
        return True
    return False


def _take_words(found: _Collected, text: str, *, negated: bool, prefix: bool) -> None:
    words = tuple(tokens(text))
    if not words:
        return
    # The beginning of a word is worth looking for from two letters on; a Chinese character is a word already.
    goes_on = prefix and not negated and len(words[-1]) > 1 and not stands_alone(words[-1][-1])
    (found.excluded if negated else found.words).append(Term(words[:MAX_TERMS], goes_on))


def day(text: str) -> int | None:
    """The first millisecond (UTC) of ``2020``, ``2020-06`` or ``2020-06-01``; None when it is no date."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, date = (int(part) if part else 1 for part in match.groups())
    try:
        return clock.from_datetime(datetime(year, month, date, tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
