"""What goes into the index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.search.tokens import facet, tokens

MAX_TITLE = 500
MAX_BODY = 50_000

Extra = Mapping[str, str | Iterable[str]]


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    kind: a declared SearchKind. uid: public id of the object. scope: who may find it (see SearchKind.scopes).
    title, body: plain text. author: name shown and found by ``author:``. tags: found by ``tag:``. at: milliseconds.
    extra: further filters by name, such as ``{"in": ["help"], "is": ["solved"]}``. lang: BCP 47, where it is known.
    """

    kind: str
    uid: str
    scope: str
    title: str
    body: str
    at: int
    author: str = ""
    tags: tuple[str, ...] = ()
    extra: Extra = field(default_factory=dict)
    lang: str | None = None

    def row(self) -> tuple[Any, ...]:
        """The values of the columns kind, uid, scope, title, body, author, tags, extra, at, lang."""
        more = {name: _list(value) for name, value in self.extra.items()}
        return (
            self.kind, self.uid, self.scope, _clean(self.title, MAX_TITLE), _clean(self.body, MAX_BODY),
            _clean(self.author, MAX_TITLE), json.dumps(list(self.tags), ensure_ascii=False),
            json.dumps(more, ensure_ascii=False), self.at, self.lang,
        )  # fmt: skip


def _clean(text: str, limit: int) -> str:
    short = text[:limit].replace("\x00", "")
    return short if short.isascii() else short.encode("utf-8", "replace").decode("utf-8")


def _list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def facets(kind: str, author: str, tags: str, extra: str) -> list[str]:
    """The property tokens of a stored row (tags and extra as JSON)."""
    names = {author, "".join(author.split()), *tokens(author)}
    found = [facet("kind", kind)]
    found += [facet("author", name) for name in sorted(names) if name]
    found += [facet("tag", tag) for tag in json.loads(tags)]
    found += [facet(name, value) for name, values in json.loads(extra).items() for value in values]
    return found
