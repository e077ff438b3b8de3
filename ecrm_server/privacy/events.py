"""What happens to personal data; ids are public ids."""

from __future__ import annotations

from ecrm_server.events import Event


class Erased(Event, name="privacy.erased"):
    """A person was forgotten by every part that is on; parts that were off follow when they are on again."""

    account: str
    profile: str


class ConsentGiven(Event, name="privacy.consent_given"):
    """Somebody agreed to a purpose."""

    account: str
    purpose: str


class ConsentWithdrawn(Event, name="privacy.consent_withdrawn"):
    """Somebody no longer agrees to a purpose."""

    account: str
    purpose: str


ALL: list[type[Event]] = [Erased, ConsentGiven, ConsentWithdrawn]
