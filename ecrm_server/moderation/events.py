"""What the moderation tells the rest of the product. Suspensions are told by ``identity.account_suspended``."""

from __future__ import annotations

from ecrm_server.events import Event


class Flagged(Event, name="moderation.flagged"):
    """Somebody flagged an object."""

    kind: str
    uid: str
    reason: str


class Queued(Event, name="moderation.queued"):
    """Something waits for a moderator."""

    item: str
    kind: str
    uid: str
    why: str


class Decided(Event, name="moderation.decided"):
    """A moderator decided about a queued object: ``state`` is approved or hidden."""

    item: str
    kind: str
    uid: str
    state: str
    decision: str | None = None


class Appealed(Event, name="moderation.appealed"):
    """An author appealed against a decision."""

    decision: str


class AppealDecided(Event, name="moderation.appeal_decided"):
    """An appeal was decided: ``state`` is upheld (the decision stands) or overturned."""

    decision: str
    state: str


ALL: list[type[Event]] = [Flagged, Queued, Decided, Appealed, AppealDecided]
