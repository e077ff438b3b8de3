"""Everybody at every door: who gets in, what they see, and that a refusal leaves the database as it was."""

from __future__ import annotations

import pytest

from ecrm_server.kernel import current
from ecrm_server.realtime import rights
from tests.security import people as p
from tests.security.matrix import CLOSED, ORDER, ROWS, Caller, run
from tests.security.rooms import CHANNELS, listen
from tests.security.world import World

pytestmark = pytest.mark.timeout(600)


def test_every_route_has_its_rows(world: World) -> None:
    app = current.generation().app
    walked = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    routes = {pair for pair in walked if pair[1] not in ("HEAD", "OPTIONS")}
    rows = {(row.endpoint, row.method) for row in ROWS}
    assert routes - rows == set(), "add rows for these routes"
    assert rows - routes == set(), "these routes are gone"


def test_everybody_gets_exactly_where_they_may(caller: Caller) -> None:
    assert list(run(caller)) == []


def test_strangers_find_nothing_in_closed_forums(caller: Caller) -> None:
    caller.world.close_forums()
    wrong = list(run(caller, CLOSED, people=sorted(p.OUT)))
    caller.world.restore()
    assert wrong == []


def test_every_channel_has_its_rooms(world: World) -> None:
    assert set(current.generation().registry.channels) <= {room.partition(":")[0] for room in CHANNELS}


def test_everybody_hears_only_what_they_may(caller: Caller) -> None:
    assert list(listen(caller)) == []


def test_refused_rooms_look_like_rooms_that_are_not_there(world: World, caller: Caller) -> None:
    secret, gone = (f"forums.topic:{world.ids[key]}" for key in ("topic_secret", "gone"))
    answer = caller.open("GET", f"/live?channels={secret}:0,{gone}:0", {}).json
    assert answer is not None
    assert answer["channels"][secret] == answer["channels"][gone]


MESSAGES = {"forums.topic typing": p.SIGNED}


def test_messages_ask_for_their_permission(world: World) -> None:
    channels = current.generation().registry.channels
    found = {
        f"{name} {message.name}": message
        for name, channel in channels.items()
        for message in channel.messages
    }
    assert set(found) == set(MESSAGES), "say who may send these messages"
    for name, message in found.items():
        may = {
            person for person in ORDER if person in p.NAMES and rights.may_send(world.actor(person), message)
        }
        assert may == MESSAGES[name]
