"""Excerpts with the words that were searched for, as pieces of plain text (the template marks them)."""

from __future__ import annotations

import re

from ecrm_server.search.kind import Segments
from ecrm_server.search.query import Query, Term
from ecrm_server.search.tokens import shape, stands_alone

LENGTH = 240
LEAD = 60
"""How much of an excerpt stands before the first word found."""


class Marker:
    """Finds the words of one query in texts."""

    def __init__(self, query: Query) -> None:
        patterns = [_pattern(term) for term in query.words]
        self._words = re.compile("|".join(patterns)) if patterns else None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand."""
        if self._words is None:
            return []
        return [match.span() for match in self._words.finditer(shape(text)) if match.end() > match.start()]

    def marked(self, text: str) -> Segments:
        """A whole text in pieces."""
        return _pieces(text, self.spans(text))

    def excerpt(self, text: str) -> Segments:
        """The place of a text where the first word stands, in pieces; its beginning when none does."""
        first = self._words.search(shape(text)) if self._words is not None else None
        start = _start(text, first.start()) if first is not None else 0
        end = min(len(text), start + LENGTH)
        if end < len(text):
            space = text.rfind(" ", start + LENGTH // 2, end)
            end = space if space >= 0 else end
        before = (("… ", False),) if start else ()
        after = ((" …", False),) if end < len(text) else ()
        return (*before, *self.marked(text[start:end]), *after)


def _start(text: str, found: int) -> int:
    """Where an excerpt begins: at the word that begins not too far before the one found."""
    if found <= LEAD:
        return 0
    space = text.find(" ", found - LEAD, found)
    return space + 1 if space >= 0 else found


def _pattern(term: Term) -> str:
    parts = [re.escape(token) for token in term.tokens]
    first, last = term.tokens[0], term.tokens[-1]
    head = "" if stands_alone(first[0]) else r"(?<![^\W_])"
    tail = r"\w*" if term.prefix else ("" if stands_alone(last[-1]) else r"(?![^\W_])")
    return f"{head}{'[^a-z0-9]{0,3}'.join(parts)}{tail}"


def _pieces(text: str, spans: list[tuple[int, int]]) -> Segments:
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop in spans:
        if start > end:
            pieces.append((text[end:start], False))
        pieces.append((text[start:stop], True))
        end = stop
    if end < len(text):
        pieces.append((text[end:], False))
    return tuple(pieces)
