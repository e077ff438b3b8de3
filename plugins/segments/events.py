"""What happens to segments. Segments and customers are named by their public ids."""

from __future__ import annotations

from ecrm_server.api import Event


class Entered(Event, name="segments.entered"):
    """A customer is in a segment now. ``cause``: event (something about the customer changed), time, or hand."""

    segment: str
    customer: str
    cause: str


class Left(Event, name="segments.left"):
    """A customer is no longer in a segment; ``cause`` as for entering."""

    segment: str
    customer: str
    cause: str


class Built(Event, name="segments.built"):
    """All members of a segment were found anew, because it is new or its rule changed.

    No event tells of those who came and went with it: ``entered`` and ``left`` are how many. ``count`` are all.
    """

    segment: str
    count: int
    entered: int
    left: int


class Changed(Event, name="segments.changed"):
    """Staff made, changed or archived a segment; ``change``: created, changed, archived or restored."""

    segment: str
    change: str


class PurchasesChanged(Event, name="segments.purchases_changed"):
    """What is known of a customer's purchases (last order, number, amount) changed."""

    customer: str


ALL: list[type[Event]] = [Entered, Left, Built, Changed, PurchasesChanged]
