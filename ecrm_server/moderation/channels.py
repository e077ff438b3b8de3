"""The live queue."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.access import Actor
from ecrm_server.events import Delivered
from ecrm_server.moderation.screening import REVIEW
from ecrm_server.realtime import Channel

_ALL = "all"


def _may_join(actor: Actor, ref: str) -> bool:
    return ref == _ALL and actor.may(REVIEW)


def _everybody(event: Delivered) -> Iterable[str]:
    return (_ALL,)


QUEUE = Channel(
    "moderation.queue",
    _may_join,
    dict.fromkeys(("moderation.queued", "moderation.decided", "moderation.appeal_decided"), _everybody),
)
