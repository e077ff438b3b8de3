"""One timeline of everything that the parts know about a person."""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server.access import Actor
from ecrm_server.kernel import current

NEWEST = 2**62
PAGE = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened between a person and a part.

    part: its name. kind: a word such as ``topic``. at: milliseconds. title: a sentence or a name; url: a path or empty.
    icon: the name of an icon. actor_name: who did it, where that is not the person.
    """

    part: str
    kind: str
    at: int
    title: str
    url: str = ""
    excerpt: str = ""
    icon: str = "point"
    actor_name: str = ""


def collect(
    actor: Actor,
    *,
    account_id: int | None = None,
    customer_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[list[Entry], int | None]:
    """What the actor may see of a person's history, newest first, and ``before`` of the next page (None at the end).

    A part that fails is left out (the fence counts its fault). Entries of the same millisecond stay on one page.
    """
    answers: list[list[Entry]] = current.generation().hooks.timeline(
        actor=actor, account_id=account_id, customer_id=customer_id, before=before or NEWEST, limit=limit + 1
    )
    return merge(answers, limit)


def merge(answers: list[list[Entry]], limit: int) -> tuple[list[Entry], int | None]:
    """One page of what several parts answered, each with at most ``limit`` + 1 entries; see :func:`collect`."""
    entries = sorted((entry for answer in answers for entry in answer), key=lambda entry: -entry.at)
    if len(entries) <= limit:
        return entries, None
    oldest = entries[limit - 1].at
    page = [entry for entry in entries if entry.at >= oldest]
    return page, oldest if len(entries) > len(page) else None
