"""The realtime core's own channel: the self-test of the health page."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.access import Actor, Permission
from ecrm_server.events import Delivered, Event
from ecrm_server.realtime.channel import Channel

SELFTEST_PERMISSION = Permission("realtime.selftest", "Test the live connection")


class SelfTested(Event, name="realtime.self_tested"):
    """Somebody asked for a test message on the health page; it takes the way of every live update."""

    actor: str


def _own_room(actor: Actor, ref: str) -> bool:
    return actor.uid == ref and actor.may(SELFTEST_PERMISSION.name)


def _tester(event: Delivered) -> Iterable[str]:
    return [event.actor]


SELFTEST = Channel("system.selftest", _own_room, events={SelfTested.name: _tester})
