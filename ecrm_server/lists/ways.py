"""Ways to find the rows of a page in a big table, whatever filters it and whatever sorts it.

Few rows are found by the filter first and sorted then. Where there are more, one walks along the order until a page is
full; that takes long only where the rows that fit stand far behind, and then the filter comes first after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ecrm_server.data import TooSlow, time_limit
from ecrm_server.lists.cursor import Position
from ecrm_server.lists.query import COUNT_LIMIT, Page, Query

LIMIT = 1_000
"""Milliseconds that the rows of a page may take."""
COUNT_MS = 300
"""What is only nice to know may take less."""
_TRIES: Sequence[tuple[Literal["along", "apart"], int]] = (
    ("along", 50), ("apart", 100), ("along", 300), ("apart", LIMIT),
)  # fmt: skip
"""Ways and their milliseconds. One of the two is quick nearly always; which, is found out by trying."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page and how many rows there are in all: None when it is not known, ``COUNT_LIMIT + 1`` for more."""

    page: Page
    count: int | None


def find(query: Query, size: int, after: Position | None, before: Position | None) -> Found:
    """The page of a query. Raises TooSlow."""
    few, count = _few(query) if query.filtered else (None, None)
    page = _page(_ways(query, few), size, after, before)
    if page.before is None and page.after is None:
        return Found(page, len(page.rows))
    return Found(page, count if query.filtered else _count(query))


def settled(query: Query) -> Query:
    """The query by the way that suits it when all rows are wanted, a chunk after the other."""
    few = query.few() if query.filtered else None
    return query if not query.filtered else _ways(query, few)[0][0]


def _few(query: Query) -> tuple[list[int] | None, int | None]:
    """The keys of all rows if they are few, and how many there are."""
    try:
        with time_limit(COUNT_MS):
            keys = query.few()
    except TooSlow:
        return None, None
    return keys, COUNT_LIMIT + 1 if keys is None else len(keys)


def _ways(query: Query, few: list[int] | None) -> list[tuple[Query, int]]:
    """What to try, one after the other, and for how many milliseconds."""
    if few is not None:
        return [(replace(query, only=tuple(few)), LIMIT)]
    if query.filtered and (query.sort is None or query.sort.indexed):
        return [(replace(query, way=way), ms) for way, ms in _TRIES]
    return [(query, LIMIT)]


def _page(ways: list[tuple[Query, int]], size: int, after: Position | None, before: Position | None) -> Page:
    for number, (way, ms) in enumerate(ways, 1):
        try:
            with time_limit(ms):
                return way.page(size, after=after, before=before)
        except TooSlow:
            if number == len(ways):
                raise
    raise AssertionError("there is always a way")


def _count(query: Query) -> int | None:
    try:
        with time_limit(COUNT_MS):
            return query.count()
    except TooSlow:
        return None
