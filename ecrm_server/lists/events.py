"""What others can hear of."""

from __future__ import annotations

from ecrm_server.events import Event


class ViewChanged(Event, name="lists.view_changed"):
    """A stored view of a list was stored, changed or deleted (``change``)."""

    view: str
    list: str
    change: str


class BulkEnded(Event, name="lists.bulk_ended"):
    """A bulk action on a list ended: ``state`` is done, failed or undone, ``rows`` how many it was applied to."""

    bulk: str
    list: str
    action: str
    state: str
    rows: int


ALL: list[type[Event]] = [ViewChanged, BulkEnded]
