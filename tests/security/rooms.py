"""Everybody at every live channel. Sockets and the catch-up poll ask the same question; the poll is asked here."""

from __future__ import annotations

from collections.abc import Iterator

from tests.security import people as p
from tests.security.matrix import Caller

CHANNELS = {
    "notices.account:{ada}": p.only(p.ADA),
    "notices.account:": p.only(),
    "customers.customer:{ada_customer}": p.STAFF,
    "customers.customer:{gone}": p.only(),
    "customers.organisation:{org_a}": p.STAFF,
    "customers.organisation:{gone}": p.only(),
    "moderation.queue:all": p.REVIEW,
    "moderation.queue:none": p.only(),
    "system.selftest:{root}": p.ADMIN,
    "system.selftest:{ada}": p.only(),
    "forums.topic:{topic}": p.BROWSERS,
    "forums.topic:{topic_secret}": p.STAFF,
    "forums.topic:{gone}": p.only(),
    "forums.category:{cat_open}": p.BROWSERS,
    "forums.category:{cat_secret}": p.STAFF,
    "forums.latest:all": p.BROWSERS,
    "forums.latest:{cat_secret}": p.only(),
    "segments.segment:{segment}": p.STAFF,
    "segments.segment:{gone}": p.only(),
    "gone.channel:x": p.only(),
}
"""Room -> who may be in it. Sockets know no API keys."""


def listen(caller: Caller) -> Iterator[str]:
    """Every person at every room; yields a sentence for each answer that is wrong."""
    for room, may in CHANNELS.items():
        name = room.format(**caller.world.ids)
        for person in sorted(p.BROWSERS):
            answer = caller.open("GET", f"/live?channels={name}:0", caller.headers(person), person)
            if answer.json is None or answer.json["channels"][name]["ok"] != (person in may):
                yield f"{person} at {room}: {answer.text}"
