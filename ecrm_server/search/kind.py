"""Kinds of documents in the search index, what finds by itself, and what a result looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrm_server.access import Actor

Segments = tuple[tuple[str, bool], ...]
"""Pieces of plain text; True where a word that was searched for stands."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result, ready to be shown: everything is plain text for the page, ``url`` is a path.

    excerpt, author and at may be left out by ``present``: the index fills them in. hint: a short line beside the
    title, the licence and source of an imported post for example; hint_url: where it leads. group: of the hits of one
    kind with the same value, the posts of one topic for example, people see the best. ``title_marks`` and ``marks``
    are title and excerpt with the words that were searched for; the index makes them.
    """

    kind: str
    uid: str
    title: str
    url: str
    excerpt: str = ""
    icon: str = "search"
    hint: str = ""
    at: int = 0
    author: str = ""
    hint_url: str = ""
    group: str = ""
    title_marks: Segments = ()
    marks: Segments = ()


@dataclass(frozen=True, slots=True)
class SearchKind:
    """A kind of document in the one search index.

    name: ``<part>.<noun>``. scopes: ``scopes(actor) -> iterable of scope strings`` the actor may read; every indexed
    document carries one scope, and the query itself is limited to them, so nothing else can be found or counted.
    present: ``present(uids, actor) -> {uid: Hit}`` for the documents found (one query, no loop).
    """

    name: str
    title: str
    icon: str
    scopes: Callable[[Actor], Iterable[str]]
    present: Callable[[list[str], Actor], dict[str, Hit]]


@dataclass(frozen=True, slots=True)
class SearchSource:
    """Things that are found by a part's own query, where no document can stand for them: who may find them depends on
    the row and on its fields, or they have keys of their own (a number, a phone).

    name: ``<part>.<noun>``. permission: who is offered it. find: ``find(text, actor, limit) -> hits``, best first,
    within 150 ms; the actor finds only what he may see, and only by what he may read. It is asked with words alone,
    never with filters. more: ``more(text) -> path`` of a page with all that was found, or None.
    """

    name: str
    title: str
    icon: str
    permission: str
    find: Callable[[str, Actor, int], list[Hit]]
    more: Callable[[str], str] | None = None
