"""Joining a channel: live events, what was missed, and what can no longer be replayed."""

from __future__ import annotations

import pytest
import socketio

from ecrm_server.data import Prepared
from ecrm_server.realtime import store

ROOM = "talk.room:open"


def test_a_joined_socket_hears_what_happens_and_never_its_content(served):
    client = served.client()
    assert client.join(ROOM) | {"presence": None} == {"ok": True, "seq": 0, "missed": [], "presence": None}
    line = served.say("open", "a secret text")
    event = client.next()
    assert set(event) == {"channel", "name", "seq", "at", "ref"}
    assert (event["channel"], event["name"], event["seq"], event["ref"]) == (ROOM, "talk.said", 1, line)


def test_other_rooms_are_not_heard(served):
    client = served.client()
    client.join("talk.room:open-1")
    served.say("open-2")
    mine = served.say("open-1")
    assert client.next()["ref"] == mine


def test_who_left_hears_nothing_more(served):
    client, other = served.client(), served.client()
    client.join(ROOM)
    other.join(ROOM)
    assert client.call("leave", {"channel": ROOM}) == {"ok": True}
    served.say("open")
    other.next()
    assert client.nothing_within(0.2)


def test_a_returning_client_gets_exactly_what_it_missed(served):
    client = served.client()
    client.join(ROOM)
    served.say("open")
    assert client.next()["seq"] == 1
    client.close()
    missed = [served.say("open") for _ in range(3)]
    watcher = served.client()
    watcher.join(ROOM, 0)
    while store.position(ROOM) < 4:
        watcher.next()
    answer = served.client().join(ROOM, 1)
    assert [(event["seq"], event["ref"]) for event in answer["missed"]] == list(
        zip([2, 3, 4], missed, strict=True)
    )
    assert answer["seq"] == 4


@pytest.mark.parametrize("since", [3, 99])
def test_a_position_that_cannot_be_replayed_is_answered_with_a_reset(served, since):
    client = served.client()
    client.join(ROOM)
    for _ in range(5):
        served.say("open")
    assert [client.next()["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]
    Prepared("DELETE FROM channel_message WHERE seq <= 4").run()
    answer = client.join(ROOM, since)
    assert (answer["seq"], answer["missed"]) == (5, {"reset": True})
    assert client.join(ROOM, 4)["missed"][0]["seq"] == 5


def test_the_ordinary_client_library_works(served):
    client = socketio.SimpleClient()
    client.connect(f"http://localhost:{served.port}", transports=["websocket"])
    assert client.call("join", {"channel": ROOM})["ok"]
    line = served.say("open")
    name, event = client.receive(timeout=5)
    while event["name"] == "presence":
        name, event = client.receive(timeout=5)
    client.disconnect()
    assert (name, event["ref"]) == ("event", line)


def test_long_polling_is_not_offered(served):
    client = socketio.SimpleClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            f"http://localhost:{served.port}", transports=["polling"], headers={"Origin": "http://localhost"}
        )


def test_messages_are_kept_for_a_week_and_five_hundred_a_room(talk_site, movable_clock):
    talk_site()
    with store.transaction():
        for _ in range(store.KEPT + 20):
            store.append(ROOM, "talk.said", "x", movable_clock.ms)
        store.append("talk.room:quiet", "talk.said", "x", movable_clock.ms)
    assert store.prune() == 20
    assert store.replay(ROOM, 20).missed is not None
    assert store.replay(ROOM, 19).missed is None
    movable_clock.advance(store.KEPT_FOR + 1)
    store.prune()
    assert store.replay("talk.room:quiet", 0).missed is None
    assert store.position("talk.room:quiet") == 1
