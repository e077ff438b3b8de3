"""What people decide; ids are public ids. What visitors without an account decide is told of when they register."""

from __future__ import annotations

from ecrm_server.events import Event


class ConsentGiven(Event, name="consent.given"):
    """Somebody agreed to a purpose, or took an objection back. ``wording``: the version of the words."""

    account: str
    purpose: str
    wording: int = 1


class ConsentWithdrawn(Event, name="consent.withdrawn"):
    """Somebody no longer agrees to a purpose, or objects to it."""

    account: str
    purpose: str


class VisitsJoined(Event, name="consent.visits_joined"):
    """What was recorded of a visitor, with consent, belongs to the account that they made. ``visits``: how many."""

    account: str
    visits: int


ALL: list[type[Event]] = [ConsentGiven, ConsentWithdrawn, VisitsJoined]
