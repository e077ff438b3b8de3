"""Putting single tags on and off, whatever others do with the tags at the same time."""

from __future__ import annotations

from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import changing, facts, reading, rows
from ecrm_server.customers.facts import OWN, Subject
from ecrm_server.customers.visibility import EDIT
from ecrm_server.data import transaction
from ecrm_server.errors import Refusal


def put(actor: Actor, subject: Subject, uid: str, tag: str) -> list[str]:
    """Put a tag on. Returns all tags. Raises Refusal for what is no tag."""
    return _change(actor, subject, uid, tag, inside=True)


def remove(actor: Actor, subject: Subject, uid: str, tag: str) -> list[str]:
    """Take a tag off. Returns all tags."""
    return _change(actor, subject, uid, tag, inside=False)


def _change(actor: Actor, subject: Subject, uid: str, tag: str, *, inside: bool) -> list[str]:
    require(actor, EDIT)
    try:
        [key] = facts.tags([tag])
    except ValueError as error:
        raise Refusal("A tag has from 1 to 40 characters, and no comma.", field="tag") from error
    row = reading.one(actor, subject, uid)
    fact = next(fact for fact in OWN[subject.name] if fact.name == "tags")
    with transaction():
        reading.prepared_lock(f"SELECT id FROM {subject.table} WHERE id = ?").row(row["id"])
        known = set(rows.members_of(subject, row["id"], fact))
        wanted = sorted(known | {key} if inside else known - {key})
        changing.change(actor, subject, row["uid"], None, {"tags": wanted})
    return wanted
