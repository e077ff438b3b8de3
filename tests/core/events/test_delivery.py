"""The outbox: facts written with their change, delivered after commit, effects exactly once."""

from __future__ import annotations

import threading

import psycopg
import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.events import Event, Subscription, emit
from ecrm_server.events import delivery as courier
from ecrm_server.events.outbox import importing
from ecrm_server.kernel import current, state


class Knocked(Event, name="test.knocked"):
    """Somebody knocked."""

    door: str
    times: int = 1


def subscribe(*subscriptions: Subscription) -> None:
    """Add subscriptions to the generation in force, as a plugin named test would."""
    registry = current.generation().registry
    for subscription in subscriptions:
        registry.subscriptions[f"test:{subscription.name}"] = subscription


COUNT = Prepared("SELECT count(*) FROM setting WHERE name LIKE 'heard%'")
HEAR = Prepared("INSERT INTO setting (name, value, changed_at) VALUES (?, '1', 0)")


def hear(event) -> None:
    HEAR.run(f"heard.{event.uid}")


def emit_one(**fields) -> str:
    with transaction():
        return emit(Knocked(door="front", **fields))


def test_an_event_outside_a_transaction_is_refused(site):
    with pytest.raises(RuntimeError, match="outside a transaction"):
        emit(Knocked(door="front"))


def test_a_rolled_back_change_tells_nobody(site, both_engines, deliver):
    heard = []
    subscribe(Subscription("test.knocked", heard.append, "hear"))

    def change_of_mind() -> None:
        with transaction():
            emit(Knocked(door="front"))
            raise ValueError("never mind")

    with pytest.raises(ValueError, match="never mind"):
        change_of_mind()
    deliver()
    assert heard == []


def test_a_subscriber_gets_the_fields_and_hears_once(site, both_engines, deliver):
    heard = []
    subscribe(Subscription("test.*", heard.append, "hear"))
    emit_one(times=3)
    deliver()
    deliver()
    assert [(event.name, event.door, event.times) for event in heard] == [("test.knocked", "front", 3)]


def test_a_failing_subscriber_undoes_its_own_effect_only(site, both_engines, deliver, movable_clock):
    tries = []

    def fail_once(event) -> None:
        hear(event)
        tries.append(event.uid)
        if len(tries) == 1:
            raise RuntimeError("not now")

    others = []
    subscribe(
        Subscription("test.knocked", fail_once, "fails"), Subscription("test.knocked", others.append, "works")
    )
    emit_one()
    deliver()
    assert (len(tries), len(others), COUNT.value()) == (1, 1, 0)
    movable_clock.advance(courier.BACKOFF[0])
    deliver()
    assert (len(tries), len(others), COUNT.value()) == (2, 1, 1)


def test_after_the_last_attempt_a_delivery_is_a_dead_letter_that_can_be_replayed(
    site, deliver, movable_clock
):
    broken = [True]

    def stubborn(event) -> None:
        if broken[0]:
            raise RuntimeError("still broken")
        hear(event)

    subscribe(Subscription("test.knocked", stubborn, "stubborn"))
    emit_one()
    for wait in (0, *courier.BACKOFF):
        movable_clock.advance(wait)
        deliver()
    row = Prepared(
        "SELECT event_id, state, error FROM event_delivery WHERE subscriber = 'test:stubborn'"
    ).row()
    assert row is not None
    assert row["state"] == "dead"
    assert "still broken" in row["error"]
    broken[0] = False
    assert courier.replay(row["event_id"], "test:stubborn")
    deliver()
    assert COUNT.value() == 1


def test_imported_events_reach_only_those_who_asked_for_them(site, deliver):
    everyone, importers = [], []
    subscribe(
        Subscription("test.knocked", everyone.append, "everyone"),
        Subscription("test.knocked", importers.append, "importers", imported=True),
    )
    with importing():
        emit_one()
    deliver()
    assert (len(everyone), len(importers)) == (0, 1)


def test_a_subscriber_that_was_off_catches_up_once(site, both_engines, deliver, movable_clock):
    since = clock.now()
    emit_one()
    emit_one()
    deliver()
    late = Subscription("test.knocked", hear, "late", missed="catch_up")
    subscribe(late)
    current.generation()._subscribers.clear()
    assert courier.catch_up("test:late", late, since) == 2
    assert courier.catch_up("test:late", late, since) == 0
    deliver()
    assert COUNT.value() == 2


def test_no_reader_skips_an_event_whose_transaction_commits_late(site, both_engines, deliver):
    """On PostgreSQL serial numbers commit out of order: the older number becomes visible after the newer."""
    heard = []
    subscribe(Subscription("test.knocked", heard.append, "hear"))
    if both_engines == "postgres":
        with psycopg.connect(site.config.database_url) as slow:
            slow.execute(
                "INSERT INTO event (uid, name, version, data, at, imported)"
                " VALUES ('slow', 'test.knocked', 1, '{\"door\": \"back\", \"times\": 1}', 1, false)"
            )
            emit_one()
            deliver()
            assert [event.door for event in heard] == ["front"]
            slow.commit()
    else:
        emit_one()
        deliver()
        Prepared(
            "INSERT INTO event (id, uid, name, version, data, at, imported)"
            " VALUES (-1, 'slow', 'test.knocked', 1, '{\"door\": \"back\", \"times\": 1}', 1, ?)"
        ).run(False)
    deliver()
    assert [event.door for event in heard] == ["front", "back"]


def test_two_couriers_deliver_each_event_once(site, both_engines):
    subscribe(Subscription("test.knocked", hear, "hear"))
    for _ in range(30):
        emit_one()

    def work() -> None:
        with database.connection_context():
            courier.deliver_pending()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert COUNT.value() == 30
    assert Prepared("SELECT count(*) FROM event WHERE delivered_at IS NULL").value() == 0


def test_waiting_deliveries_of_a_switched_off_plugin_do_not_hold_up_the_others(site, both_engines, deliver):
    for _ in range(courier.BATCH):
        emit_one()
    deliver()
    off = Subscription("test.knocked", hear, "off", missed="catch_up")
    assert courier.catch_up("gone:off", off, 0) == courier.BATCH
    late = Subscription("test.knocked", hear, "late", missed="catch_up")
    subscribe(late)
    assert courier.catch_up("test:late", late, 0) == courier.BATCH
    deliver()
    assert COUNT.value() == courier.BATCH


def test_a_plugin_that_is_quarantined_and_then_switched_off_missed_everything_since_the_quarantine(
    site, both_engines, movable_clock
):
    state.set_enabled("parcels", "1.0")
    broken = clock.now()
    state.quarantine("parcels", "it failed")
    movable_clock.advance(clock.HOUR)
    state.set_disabled("parcels")
    movable_clock.advance(clock.HOUR)
    state.set_enabled("parcels", "1.0")
    assert state.rows()["parcels"].disabled_at == broken
