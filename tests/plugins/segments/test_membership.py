"""Who is in a segment: built, kept by events, by the clock, nested, and broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.customers import services as customers
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.testing import MovableClock

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

GERMANS = {"trait": "customers.country", "op": "is", "value": "DE"}
LAPSED = {"trait": "customers.stage", "op": "is", "value": "lapsed"}
Customer = Callable[..., str]


def test_a_segment_is_built_and_follows_what_happens(
    segments: Any,
    customer: Customer,
    deliver: Callable[[], int],
    emitted: Callable[..., list[dict[str, Any]]],
) -> None:
    ada, bo = customer("Ada", country="DE"), customer("Bo", country="FR")
    uid = segments.make("Germans", GERMANS)
    assert segments.names(uid) == ["Ada"]
    assert [event["data"] for event in emitted("segments.built")] == [
        {"segment": uid, "count": 1, "entered": 1, "left": 0}
    ]
    customers.change(SYSTEM, bo, country="DE")
    customers.change(SYSTEM, ada, country="AT")
    customer("Cy", country="DE")
    deliver()
    assert segments.names(uid) == ["Bo", "Cy"]
    assert [event["data"]["customer"] for event in emitted("segments.left")] == [ada]
    entered = [event["data"] for event in emitted("segments.entered")]
    assert entered[0] == {"segment": uid, "customer": bo, "cause": "event"}
    assert len(entered) == 2


def test_a_changed_rule_finds_everybody_anew_and_so_do_the_segments_that_use_it(
    segments: Any, customer: Customer
) -> None:
    customer("Ada", country="DE", stage="lapsed")
    customer("Bo", country="FR", stage="lapsed")
    inner = segments.make("Germans", GERMANS)
    outer = segments.make("Lapsed Germans", {"all": [{"segment": inner}, LAPSED]})
    assert segments.names(outer) == ["Ada"]
    french = {"trait": "customers.country", "op": "is", "value": "FR"}
    segments.editing.change(SYSTEM, inner, 1, title="French", rule=french)
    segments.settle()
    assert (segments.names(inner), segments.names(outer)) == (["Bo"], ["Bo"])


def test_time_alone_lets_customers_enter_and_leave(
    segments: Any, customer: Customer, movable_clock: MovableClock, deliver: Callable[[], int]
) -> None:
    customer("Ada")
    new = segments.make("New", {"trait": "customers.created_at", "op": "within last days", "value": 7})
    old = segments.make("Old", {"trait": "customers.created_at", "op": "more than days ago", "value": 7})
    assert (segments.names(new), segments.names(old)) == (["Ada"], [])
    movable_clock.advance(7 * clock.DAY)
    segments.following.tick()
    assert (segments.names(new), segments.names(old)) == (["Ada"], [])
    movable_clock.advance(clock.SECOND)
    segments.following.tick()
    assert (segments.names(new), segments.names(old)) == ([], ["Ada"])
    # Bo comes by an event, and leaves by the clock too.
    customer("Bo")
    deliver()
    assert segments.names(new) == ["Bo"]
    movable_clock.advance(8 * clock.DAY)
    segments.following.tick()
    assert (segments.names(new), segments.names(old)) == ([], ["Ada", "Bo"])
    assert Prepared("SELECT COUNT(*) FROM segments_next").value() == 0


def test_birthdays_come_and_go(segments: Any, customer: Customer, movable_clock: MovableClock) -> None:
    movable_clock.ms = 1_836_043_200_000  # noon of 7 March 2028
    customer("Ada", birthday="1984-03-08")
    rule = {"trait": "customers.birthday", "op": "anniversary within days", "value": 0}
    uid = segments.make("Birthday", rule)
    assert segments.names(uid) == []
    for days, there in ((0.5, ["Ada"]), (1, []), (363, []), (1, ["Ada"]), (1, [])):
        movable_clock.advance(int(days * clock.DAY))
        segments.following.tick()
        assert segments.names(uid) == there


def test_a_cycle_is_refused_and_nothing_is_written(segments: Any, customer: Customer) -> None:
    inner = segments.make("Germans", GERMANS)
    outer = segments.make("Outer", {"all": [{"segment": inner}]})
    before = Prepared("SELECT * FROM segments_segment ORDER BY id").rows()
    events = Prepared("SELECT COUNT(*) FROM event").value()
    with pytest.raises(Refusal, match="contain itself"):
        segments.editing.change(SYSTEM, inner, 1, title="Inner", rule={"any": [GERMANS, {"segment": outer}]})
    assert Prepared("SELECT * FROM segments_segment ORDER BY id").rows() == before
    assert Prepared("SELECT COUNT(*) FROM event").value() == events


def test_two_editors_are_told_apart(segments: Any) -> None:
    uid = segments.make("Germans", GERMANS)
    segments.editing.change(SYSTEM, uid, 1, title="First", rule=GERMANS)
    with pytest.raises(Conflict, match="Somebody else changed"):
        segments.editing.change(SYSTEM, uid, 1, title="Second", rule=LAPSED)
    assert Prepared("SELECT title, version FROM segments_segment").tuples() == [("First", 2)]


def test_a_segment_in_use_is_not_archived(segments: Any) -> None:
    inner = segments.make("Germans", GERMANS)
    outer = segments.make("Outer", {"all": [{"segment": inner}]})
    with pytest.raises(Refusal, match="'Outer'"):
        segments.editing.archive(SYSTEM, inner)
    segments.editing.archive(SYSTEM, outer)
    segments.editing.archive(SYSTEM, inner)


def test_an_archived_segment_follows_nothing_until_it_is_back(
    segments: Any, customer: Customer, deliver: Callable[[], int]
) -> None:
    uid = segments.make("Germans", GERMANS)
    segments.editing.archive(SYSTEM, uid)
    customer("Ada", country="DE")
    deliver()
    assert segments.names(uid) == []
    segments.editing.restore(SYSTEM, uid)
    segments.settle()
    assert segments.names(uid) == ["Ada"]


def test_a_customer_that_is_deleted_is_forgotten(segments: Any, customer: Customer) -> None:
    customer("Ada", country="DE")
    uid = segments.make("Germans", GERMANS)
    Prepared("DELETE FROM customer").run()
    assert segments.names(uid) == []
    assert Prepared("SELECT COUNT(*) FROM segments_member").value() == 0


def test_what_happens_while_a_segment_is_built_is_looked_at_in_the_end(
    segments: Any, customer: Customer, deliver: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = customer("Ada", country="DE")
    customer("Bo", country="DE")
    deliver()
    uid = segments.editing.create(SYSTEM, "Germans", rule=GERMANS)

    class Run:
        """A job's run in which a customer moves away after the members were found."""

        def check(self) -> None:
            pass

        def progress(self, done: int, total: int | None = None, message: str = "") -> None:
            customers.change(SYSTEM, ada, country="AT")
            customer("Cy", country="DE")
            deliver()

    segments.building.build(uid, Run())
    assert segments.names(uid) == ["Bo", "Cy"]
    assert Prepared("SELECT COUNT(*) FROM segments_touched").value() == 0
