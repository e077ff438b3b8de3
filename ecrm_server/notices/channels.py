"""The live bell: one room per person, which nobody else may enter."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.access.actor import Actor
from ecrm_server.events import Delivered
from ecrm_server.realtime.channel import Channel


def _is_self(actor: Actor, ref: str) -> bool:
    return actor.is_authenticated and actor.uid == ref


def _profiles(event: Delivered) -> Iterable[str]:
    return event.data["profiles"]


ACCOUNT = Channel("notices.account", authorise=_is_self, events={"notices.notified": _profiles})
