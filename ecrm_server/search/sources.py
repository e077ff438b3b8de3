"""What parts find by their own queries, beside the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ecrm_server.data import TooSlow, time_limit
from ecrm_server.errors import EcrmError
from ecrm_server.kernel import current
from ecrm_server.search.kind import Hit, SearchSource
from ecrm_server.search.marks import Marker
from ecrm_server.search.query import Query, parse
from ecrm_server.web.context import visible

if TYPE_CHECKING:
    from ecrm_server.access.actor import Actor

MOST_MS = 150
"""A source that takes longer finds nothing: the palette answers in 200 ms."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one source found. more: the path of a page with all of it, or empty."""

    source: SearchSource
    hits: tuple[Hit, ...]
    more: str = ""


def offered(actor: Actor) -> list[SearchSource]:
    """The sources that an actor may ask, by title."""
    sources = current.generation().registry.search_sources.values()
    return sorted(
        (source for source in sources if visible(source.permission, actor)), key=lambda item: item.title
    )


def find(text: str, actor: Actor, limit: int, only: str = "") -> list[Found]:
    """What the sources (or one of them) find; those that found nothing are left out.

    Nothing is asked for a text with filters, of which sources know nothing.
    """
    asked = parse(text)
    if not _is_plain(asked):
        return []
    found = []
    for source in offered(actor):
        if only in ("", source.name):
            hits = _ask(source, text, actor, limit)
            if hits:
                more = source.more(text) if source.more is not None and len(hits) >= limit else ""
                found.append(Found(source, _marked(hits, asked), more))
    return found


def _is_plain(asked: Query) -> bool:
    filtered = asked.filters or asked.excluded or asked.excluded_filters
    return bool(asked.words) and not filtered and asked.before is None and asked.after is None


def _ask(source: SearchSource, text: str, actor: Actor, limit: int) -> list[Hit]:
    generation = current.generation()
    try:
        with time_limit(MOST_MS):
            return source.find(text, actor, limit)
    except (TooSlow, EcrmError):
        return []
    except Exception as error:  # one part's fault must not take the others' results away
        owner = generation.registry.owner[f"search_sources {source.name}"]
        generation.fault(owner, f"finding {source.name}", error)
        return []


def _marked(hits: list[Hit], asked: Query) -> tuple[Hit, ...]:
    marker = Marker(asked)
    return tuple(
        replace(hit, title_marks=marker.marked(hit.title), marks=marker.marked(hit.excerpt)) for hit in hits
    )
