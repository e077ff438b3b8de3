"""Putting single tags on and off, whatever others do with the tags at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import changing, facts, reading, rows
from ecrm_server.customers.facts import OWN, Subject
from ecrm_server.customers.visibility import EDIT
from ecrm_server.data import transaction
from ecrm_server.errors import NotFound, Refusal


def put(actor: Actor, subject: Subject, uid: str, tag: str) -> list[str]:
    """Put a tag on. Returns all tags. Raises Refusal for what is no tag."""
    return _change(actor, subject, uid, tag, inside=True)[0]


def remove(actor: Actor, subject: Subject, uid: str, tag: str) -> list[str]:
    """Take a tag off. Returns all tags."""
    return _change(actor, subject, uid, tag, inside=False)[0]


def put_on_many(subject: Subject, actor: Actor, uids: Sequence[str], tag: str) -> list[list[str]]:
    """Put a tag on many. Returns (uid, tag) of those that did not have it."""
    return [[uid, tag] for uid in uids if _change(actor, subject, uid, tag, inside=True)[1]]


def take_off_many(subject: Subject, actor: Actor, uids: Sequence[str], tag: str) -> list[list[str]]:
    """Take a tag off many. Returns (uid, tag) of those that had it."""
    return [[uid, tag] for uid in uids if _change(actor, subject, uid, tag, inside=False)[1]]


def turn_back(subject: Subject, actor: Actor, data: Any, *, inside: bool) -> None:
    """Put a tag back on those that had it, or take it off those that had not; their other tags stay."""
    for uid, tag in data:
        try:
            _change(actor, subject, uid, tag, inside=inside)
        except NotFound:
            continue


def read(text: str) -> str:
    """A tag as it is stored. Raises Refusal for what is none."""
    try:
        [key] = facts.tags([text])
    except ValueError as error:
        raise Refusal("A tag has from 1 to 40 characters, and no comma.", field="tag") from error
    return key


def _change(actor: Actor, subject: Subject, uid: str, tag: str, *, inside: bool) -> tuple[list[str], bool]:
    """All tags, and whether this changed them."""
    require(actor, EDIT)
    key = read(tag)
    row = reading.one(actor, subject, uid)
    fact = next(fact for fact in OWN[subject.name] if fact.name == "tags")
    with transaction():
        reading.prepared_lock(f"SELECT id FROM {subject.table} WHERE id = ?").row(row["id"])
        known = set(rows.members_of(subject, row["id"], fact))
        wanted = sorted(known | {key} if inside else known - {key})
        changing.change(actor, subject, row["uid"], None, {"tags": wanted})
    return wanted, set(wanted) != known
