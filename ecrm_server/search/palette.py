"""What the Ctrl+K palette offers: places and commands first, then people, then what the search finds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ecrm_server.identity import profiles
from ecrm_server.identity.search import KIND as PERSON
from ecrm_server.kernel import current
from ecrm_server.search import index, sources
from ecrm_server.search.query import parse
from ecrm_server.search.tokens import tokens
from ecrm_server.web.context import visible

if TYPE_CHECKING:
    from ecrm_server.access.actor import Actor
    from ecrm_server.search.kind import Hit

COMMANDS = 6
HITS = 10
OF_A_SOURCE = 5
PEOPLE = 4
BUDGET = 0.2
"""Seconds; when the commands alone took so long, the palette does without the search."""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with what stands below it: (title, url, icon, hint)."""

    label: str
    items: tuple[tuple[str, str, str, str], ...]


def palette(text: str, actor: Actor) -> list[Group]:
    """The groups for a text; without one the places that the actor may go to."""
    started = time.monotonic()
    groups = [Group("", _commands(text, actor))]
    if text.strip() and time.monotonic() - started < BUDGET:
        groups += [*_of_sources(text, actor), _people(text), *_found(text, actor)]
    return [group for group in groups if group.items]


def _commands(text: str, actor: Actor) -> tuple[tuple[str, str, str, str], ...]:
    """Entries of every menu whose words begin with what was typed."""
    wanted = tokens(text)
    found: dict[str, tuple[str, str, str, str]] = {}
    for item in current.generation().registry.navigation:
        if not visible(item.permission, actor):
            continue
        words = tokens(str(item.label))
        if all(any(word.startswith(part) for word in words) for part in wanted):
            found.setdefault(item.url, (str(item.label), item.url, item.icon, ""))
    return tuple(found.values())[:COMMANDS]


def _of_sources(text: str, actor: Actor) -> list[Group]:
    """What parts find by their own queries."""
    return [
        Group(
            str(found.source.title),
            tuple((hit.title, hit.url, found.source.icon, hit.hint) for hit in found.hits),
        )
        for found in sources.find(text, actor, OF_A_SOURCE)
    ]


def _people(text: str) -> Group:
    """People whose name or handle begins with what was typed."""
    found = profiles.complete(text.strip().removeprefix("@"), limit=PEOPLE)
    return Group(
        "People",
        tuple((row["name"], profiles.url(row["handle"]), "user", f"@{row['handle']}") for row in found),
    )


def _found(text: str, actor: Actor) -> list[Group]:
    """What the search finds but people, who stand in a group of their own already."""
    asked = parse(text)
    others = replace(asked, excluded_filters=(*asked.excluded_filters, ("kind", PERSON)))
    by_kind: dict[str, list[Hit]] = {}
    for hit in index.grouped(others, actor, limit=HITS).hits:
        by_kind.setdefault(hit.kind, []).append(hit)
    kinds = current.generation().registry.search_kinds
    return [
        Group(
            str(kinds[kind].title),
            tuple((hit.title, hit.url, hit.icon, hit.hint or hit.author) for hit in hits),
        )
        for kind, hits in by_kind.items()
    ]
