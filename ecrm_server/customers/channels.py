"""The live pages of customers and organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ecrm_server.access import Actor
from ecrm_server.customers import reading
from ecrm_server.customers.facts import CUSTOMER as CUSTOMERS
from ecrm_server.customers.facts import ORGANISATION as ORGANISATIONS
from ecrm_server.customers.facts import Subject
from ecrm_server.errors import NotFound
from ecrm_server.events import Delivered
from ecrm_server.realtime import Channel


def _channel(subject: Subject, *events: str, pairs: tuple[str, ...], merged: tuple[str, str]) -> Channel:
    """The channel of a subject's pages. pairs: events that name two of them in the fields ``merged``."""

    def may_join(actor: Actor, ref: str) -> bool:
        try:
            reading.one(actor, subject, ref)
        except NotFound:
            return False
        return True

    rooms: dict[str, Callable[[Delivered], Iterable[str]]] = dict.fromkeys(
        (f"customers.{name}" for name in events), lambda event: filter(None, (event.data[subject.name],))
    )
    rooms |= dict.fromkeys(
        (f"customers.{name}" for name in pairs), lambda event: [event.data[field] for field in merged]
    )
    return Channel(f"customers.{subject.name}", may_join, rooms)


CUSTOMER = _channel(
    CUSTOMERS, "touched", "changed", "member_added", "member_removed", "logged",
    pairs=("merged", "unmerged"), merged=("kept", "merged"),
)  # fmt: skip
ORGANISATION = _channel(
    ORGANISATIONS, "organisation_changed", "member_added", "member_removed", "plan_changed", "logged",
    pairs=("organisations_merged", "organisations_unmerged"), merged=("kept_organisation", "merged_organisation"),
)  # fmt: skip
