"""What is told of a customer or organisation: the event of its kind, and a row of the audit log of the same name."""

from __future__ import annotations

from typing import Any

from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.customers import events
from ecrm_server.customers.facts import CUSTOMER, Subject
from ecrm_server.events import Event, emit


def created(subject: Subject, uid: str) -> Event:
    """The event that one was made."""
    if subject is CUSTOMER:
        return events.CustomerCreated(customer=uid)
    return events.OrganisationCreated(organisation=uid)


def changed(subject: Subject, uid: str, fields: list[str]) -> Event:
    """The event that facts about one changed."""
    if subject is CUSTOMER:
        return events.CustomerChanged(customer=uid, fields=fields)
    return events.OrganisationChanged(organisation=uid, fields=fields)


def merged(subject: Subject, kept: str, other: str) -> Event:
    """The event that two of them turned out to be one."""
    if subject is CUSTOMER:
        return events.CustomersMerged(kept=kept, merged=other)
    return events.OrganisationsMerged(kept_organisation=kept, merged_organisation=other)


def unmerged(subject: Subject, kept: str, other: str) -> Event:
    """The event that such two were parted again."""
    if subject is CUSTOMER:
        return events.CustomersUnmerged(kept=kept, merged=other)
    return events.OrganisationsUnmerged(kept_organisation=kept, merged_organisation=other)


def tell(
    actor: Actor, subject: Subject, uid: str, event: Event, *, before: Any = None, after: Any = None
) -> None:
    """Write both, in the caller's transaction."""
    record(event.name, actor=actor, obj_kind=subject.name, obj_uid=uid, before=before, after=after)
    emit(event, actor_id=actor.account_id)
