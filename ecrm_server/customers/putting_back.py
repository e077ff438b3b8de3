"""Putting back what was removed from the page of a customer or organisation, whatever it was."""

from __future__ import annotations

from ecrm_server.access import Actor
from ecrm_server.customers import activities, contacts, memberships, plans, reading, removed
from ecrm_server.customers.facts import Subject
from ecrm_server.data import transaction


def put_back(actor: Actor, subject: Subject, uid: str, item: str) -> None:
    """Put it back; ``item`` is what removing it returned. Raises Refusal when that was more than a day ago."""
    row = reading.one(actor, subject, uid)
    with transaction():
        kept = removed.take(subject, row["id"], item)
        if kept.kind == "contact":
            contacts.put_back_point(actor, subject, uid, kept.data)
        elif kept.kind == "address":
            contacts.put_back_address(actor, subject, uid, kept.data)
        elif kept.kind == "activity":
            activities.put_back(actor, subject, uid, kept.data)
        elif kept.kind == "member":
            memberships.put_back(actor, kept.data)
        elif kept.kind == "plan":
            plans.put_back(actor, uid, kept.data)
        else:
            plans.put_step_back(actor, uid, kept.data)
