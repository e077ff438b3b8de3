"""The live page of a segment. What is pushed names only ids; the page fetches the members that its reader sees.

Who sees only some customers hears nothing: how often somebody comes and goes tells how many others there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.api import Actor, Channel, Delivered, Prepared

from .permissions import READ
from .services import members

_THERE = Prepared("SELECT 1 FROM segments_segment WHERE uid = ?")


def _may_join(actor: Actor, ref: str) -> bool:
    return actor.may(READ) and members.sees_all(actor) and _THERE.value(ref) is not None


def _segment(event: Delivered) -> Iterable[str]:
    return (event.segment,)


SEGMENT = Channel(
    "segments.segment",
    _may_join,
    dict.fromkeys(("segments.entered", "segments.left", "segments.built", "segments.changed"), _segment),
)
CHANNELS = [SEGMENT]
