"""One timeline of everything that the parts know about a person."""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server.access import Actor
from ecrm_server.kernel import current

NEWEST = 2**62
PAGE = 30
ROUNDS = 5
"""Pages that are looked through for entries of one kind before the reader is asked to go on."""


@dataclass(frozen=True, slots=True)
class Received:
    """What an entry says of a mail that came in.

    name, address: the sender, as the mail says. known: whether the address is one of the customer's. nature: answer,
    automatic or bounce. quoted: what it repeats. files: names of what was attached. cut: not all of it is stored.
    """

    name: str
    address: str
    known: bool
    nature: str
    quoted: str
    files: tuple[str, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened between a person and a part.

    part: its name. kind: a word such as ``topic``. at: milliseconds. title: a sentence or a name; url: a path or empty.
    icon: the name of an icon. actor_name: who did it, where that is not the person. html: the text as safe HTML, in the
    place of the excerpt.

    Of what staff logged: ref: its public id. state: open, overdue, done or pinned. minutes: how long it took.
    due_at, for_name: of a task, when and for whom. edited_at: when its words changed last. editable, deletable: whether
    the reader may change and delete it. fault: why a mail did not arrive. received: of a mail that came in. thread: the
    mails of an exchange in their order, this one first; ``at`` is then the time of the last one.
    """

    part: str
    kind: str
    at: int
    title: str
    url: str = ""
    excerpt: str = ""
    icon: str = "point"
    actor_name: str = ""
    html: str = ""
    ref: str = ""
    state: str = ""
    minutes: int = 0
    due_at: int | None = None
    for_name: str = ""
    edited_at: int | None = None
    editable: bool = False
    deletable: bool = False
    fault: str = ""
    received: Received | None = None
    thread: tuple[Entry, ...] = ()


def collect(
    actor: Actor,
    *,
    account_id: int | None = None,
    customer_id: int | None = None,
    organisation_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
    only: str = "",
) -> tuple[list[Entry], int | None]:
    """What the actor may see of a history, newest first, and ``before`` of the next page (None at the end).

    only: a part (``forums``), or a kind of one (``customers.call``). A part that fails is left out (the fence counts
    its fault). Entries of the same millisecond stay on one page.
    """
    found: list[Entry] = []
    position: int | None = before or NEWEST
    for _ in range(ROUNDS if only else 1):
        answers: list[list[Entry]] = current.generation().hooks.timeline(
            actor=actor, account_id=account_id, customer_id=customer_id, organisation_id=organisation_id,
            before=position, limit=limit + 1,
        )  # fmt: skip
        entries, position = merge(answers, limit)
        found += [
            entry for entry in entries if not only or only in (entry.part, f"{entry.part}.{entry.kind}")
        ]
        if position is None or len(found) >= limit:
            break
    return found, position


def merge(answers: list[list[Entry]], limit: int) -> tuple[list[Entry], int | None]:
    """One page of what several parts answered, each with at most ``limit`` + 1 entries; see :func:`collect`."""
    entries = sorted((entry for answer in answers for entry in answer), key=lambda entry: -entry.at)
    if len(entries) <= limit:
        return entries, None
    oldest = entries[limit - 1].at
    page = [entry for entry in entries if entry.at >= oldest]
    return page, oldest if len(entries) > len(page) else None


def parts() -> list[tuple[str, str]]:
    """(name, title) of every part that tells something."""
    return [
        (part.name, part.title) for part in current.generation().parts.values() if "timeline" in part.hooks
    ]
