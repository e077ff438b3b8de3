"""One order per room, and the state of a page with the events since is the state of a fresh page."""

from __future__ import annotations

import sys
import threading

from ecrm_server.data import database
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.realtime import store

ROOM = "talk.room:open"


def in_threads(count: int, work) -> None:
    faults = []

    def run(number: int) -> None:
        try:
            with database.connection_context():
                work(number)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_twenty_writers_and_four_couriers_make_one_order(both_engines, served):
    client = served.client()
    client.join(ROOM)

    def write(number: int) -> None:
        for _ in range(4):
            served.say("open")
        if number % 5 == 0:
            deliver_pending()

    in_threads(20, write)
    seen = [client.next() for _ in range(80)]
    assert [event["seq"] for event in seen] == list(range(1, 81))
    assert {event["ref"] for event in seen} == served.lines("open")


def test_a_wake_up_that_is_lost_delays_but_loses_nothing(both_engines, served):
    client = served.client()
    client.join(ROOM)
    with database.atomic():
        for number in range(3):  # as another process commits it whose wake-up never comes
            store.append(ROOM, "talk.said", f"line-{number}", 1)
    assert [client.next(2)["seq"] for _ in range(3)] == [1, 2, 3]


def test_a_room_that_moved_beyond_what_is_kept_is_reset(served):
    client = served.client()
    client.join(ROOM)
    with database.atomic():
        for _ in range(3):
            store.append(ROOM, "talk.said", "x", 1)
        database.execute_sql("DELETE FROM channel_message WHERE seq < 3")
    event = client.next(2)
    assert (event["name"], event["seq"]) == ("reset", 3)
    served.say("open")
    assert client.next()["seq"] == 4


def test_old_state_and_events_make_the_fresh_state(both_engines, served):
    """Pages are read while others write; each reads the room's position before its state."""
    talk = sys.modules["ecrm_plugins.talk.services"]
    pages = []

    def write_or_read(number: int) -> None:
        for _ in range(5):
            if number % 3:
                talk.say("open", "hello")
            else:
                position, lines, client = store.position(ROOM), talk.lines("open"), served.client()
                missed = client.join(ROOM, position)["missed"]
                client.events.extendleft(
                    reversed(missed)
                )  # an event may be quicker than the answer: it comes after
                pages.append((position, lines, client))

    in_threads(9, write_or_read)
    fresh = talk.lines("open")
    assert len(fresh) == 30
    for position, lines, client in pages:
        seqs = [position]
        while seqs[-1] < 30:
            event = client.next()
            seqs.append(event["seq"])
            lines.add(event["ref"])
        assert seqs == list(range(position, 31))
        assert lines == fresh
