"""Catch-up without a socket, and the self-test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.data import transaction
from ecrm_server.errors import Refusal
from ecrm_server.events import emit
from ecrm_server.realtime import gate, rights, store
from ecrm_server.realtime.channels import SelfTested

MOST = 20


def catch_up(actor: Actor, rooms: Mapping[str, int | None]) -> dict[str, dict[str, Any]]:
    """For each room (with the last number seen) what a join would answer. Raises Refusal for more than 20 rooms."""
    if len(rooms) > MOST:
        raise Refusal(f"At most {MOST} channels can be asked for at once.", field="channels")
    answers = {}
    for room, since in rooms.items():
        if rights.channel_for(actor, room) is None:
            answers[room] = {"ok": False, "error": gate.REFUSED}
        else:
            answers[room] = store.replay(room, since).answer()
    return answers


def send_selftest(actor: Actor) -> None:
    """Emit an event that arrives in ``system.selftest:<uid of the actor>`` only."""
    with transaction():
        emit(SelfTested(actor=actor.uid), actor_id=actor.account_id)
