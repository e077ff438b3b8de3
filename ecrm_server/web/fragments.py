"""Drawn pieces of pages, kept in memory for as long as a generation is in force.

In a template::

    {% kept 'forums.facts', topic['id'], topic['version'], topic['created_at']|age %}...{% endkept %}

draws its body once for each value of what stands behind ``kept``. Language and time zone are part of that by
themselves; everything else that the body depends on must be named. A body that holds a CSRF token, a permission or
something of one person names the person too, or stays outside.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.ext import Extension
from markupsafe import Markup

from ecrm_server.web import i18n
from ecrm_server.web.folding import ascii_html

if TYPE_CHECKING:
    from jinja2.parser import Parser

HALF = 8_000_000
"""Characters that each half of a store may hold."""


class Fragments:
    """A store of drawn pieces in two halves: what is not asked for while one half fills is forgotten."""

    def __init__(self, half: int = HALF) -> None:
        self._half = half
        self._size = 0
        self._young: dict[Hashable, Markup] = {}
        self._old: dict[Hashable, Markup] = {}

    def get(self, key: Hashable) -> Markup | None:
        """The piece under a key, if it is still there."""
        found = self._young.get(key)
        if found is None:
            found = self._old.pop(key, None)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Hashable, piece: Markup) -> None:
        """Keep a piece, and forget older ones where there are too many."""
        piece = _mostly_ascii(piece)
        self._size += len(piece)
        if self._size > self._half:
            self._old, self._young, self._size = self._young, {}, len(piece)
        self._young[key] = piece


def _mostly_ascii(piece: Markup) -> Markup:
    """A piece in which letters beyond ASCII are rare with references for them, so that its page may be all ASCII."""
    written = ascii_html(piece)
    return Markup(written) if len(written) < len(piece) * 1.05 else piece


class KeptPieces(Extension):
    """The tag ``kept``. Each environment, and so each generation, has a store of its own."""

    tags = {"kept"}

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.store = Fragments()

    def parse(self, parser: Parser) -> nodes.Node:
        """``{% kept name, value, ... %}body{% endkept %}``."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple(with_condexpr=False)
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_kept", [key]), [], [], body, lineno=line)

    def _kept(self, key: Hashable, caller: Callable[[], Markup]) -> Markup:
        key = (key, i18n.look())
        piece = self.store.get(key)
        if piece is None:
            piece = caller()
            self.store.put(key, piece)
        return piece


def join_pieces(pieces: Sequence[Markup]) -> Markup:
    """Pieces one after the other, without a look at each letter. Raises TypeError where one is plain text."""
    if not all(type(piece) is Markup for piece in pieces):
        raise TypeError("Only Markup can be joined to a page; plain text would not be escaped.")
    return Markup("".join(pieces))
