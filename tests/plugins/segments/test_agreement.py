"""A segment kept by events is the same as its rule evaluated over everybody, for rules and changes drawn at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.customers import organisations
from ecrm_server.customers.services import ERASED
from ecrm_server.data import Prepared
from ecrm_server.events import Delivered
from ecrm_server.rules import evaluate, query, traits_used
from ecrm_server.rules.catalogue import load, subjects, trait_set
from ecrm_server.testing import MovableClock
from tests.core.customers import drawn

from .changes import Shop, named, steps
from .conftest import module

pytestmark = pytest.mark.usefixtures("both_engines")

Known = dict[int, dict[str, Any]]
TABLES = (
    "segments_segment", "segments_member", "segments_next", "membership", "customer", "organisation", "orders_line",
)  # fmt: skip


@pytest.fixture
def site(orders_plugin: None, make_site: Any) -> Any:
    return make_site("segments", "orders")


def _present(besides: str = "") -> list[int]:
    """Keys of the customers, without those of a name."""
    found = Prepared("SELECT id FROM customer WHERE merged_into_id IS NULL AND name <> ? ORDER BY id")
    return [row[0] for row in found.tuples(besides)]


def _expect_agreement() -> None:
    """Stored members, SQL and memory say the same of every segment."""
    ids, now = _present(), clock.now()
    for kept in module("services.index").index().by_id.values():
        rows = Prepared("SELECT customer_id FROM segments_member WHERE segment_id = ?").tuples(kept.id)
        stored = {row[0] for row in rows}
        count = Prepared("SELECT member_count FROM segments_segment WHERE id = ?").value(kept.id)
        assert count == len(stored), kept.title
        if kept.rule is None:
            continue
        text, values = query(kept.rule, now, "t.id", also=subjects("customer").present)
        loaded = load("customer", ids, traits_used(kept.rule), now)
        assert stored == {row[0] for row in Prepared(text).tuples(*values)}, kept.rule.tree
        assert stored == {row_id for row_id in ids if evaluate(kept.rule, loaded[row_id], now)}, (
            kept.rule.tree
        )


def _known() -> Known:
    """What can be asked about each customer; the erased ones are left out: they are always looked at anew."""
    return load("customer", _present(ERASED), [trait.name for trait in trait_set("customer")], clock.now())


def _expect_events(before: Known, since: int) -> None:
    """Whatever became another was told of by one of the events that its trait declares."""
    rows = Prepared("SELECT name, data FROM event WHERE id > ? ORDER BY id").tuples(since)
    told: dict[str, list[Any]] = {}
    for name, data in rows:
        event = Delivered(0, "", name, 1, json.loads(data), 0, None, False)
        told.setdefault(name, []).append(module("services.concerned").customers(event))
    after = _known()
    for row_id in before.keys() & after.keys():
        for trait in trait_set("customer"):
            if before[row_id].get(trait.name) != after[row_id].get(trait.name):
                names = {*trait.events, *subjects("customer").events}
                about = [ids for name in names for ids in told.get(name, ())]
                assert any(ids is None or row_id in ids for ids in about), (trait.name, sorted(told))


def test_members_kept_by_events_are_those_of_the_rule(
    site: Any, segments: Any, movable_clock: MovableClock, tmp_path: Path
) -> None:
    movable_clock.ms = drawn.NOON
    world, number = drawn.prepare(site), iter(range(10**6))
    known = trait_set("customer")
    assert len(known) > 30, "the traits of the orders are among them"
    plain = drawn.rules(world, known)
    rule = drawn.rules(world, known, st.sampled_from([{"segment": "list"}, {"segment": "rule"}]))

    @settings(max_examples=15, phases=(Phase.generate,))
    @given(plain, rule, st.lists(drawn.facts(world), max_size=3), st.lists(steps(world, rule), max_size=12))
    def agree(inner: Any, outer: Any, first: list[Any], happened: list[Any]) -> None:
        drawn.clear(*TABLES)
        shop = Shop(site, segments, movable_clock, tmp_path, world)
        shop.firms = [organisations.create(SYSTEM, name) for name in ("Cogs", "Gears")]
        for facts in first:
            shop.do(("create", facts))
        names = {key: f"{key} {next(number)}" for key in ("list", "rule", "outer")}
        shop.uids = {"list": segments.make(names["list"]), "rule": segments.make(names["rule"], inner)}
        shop.uids["outer"] = segments.make(names["outer"], named(outer, shop.uids))
        try:
            for step in happened:
                note(str(step))
                before, since = _known(), Prepared("SELECT MAX(id) FROM event").value()
                shop.do(step)
                _expect_agreement()
                if step[0] != "field":
                    _expect_events(before, since)
        finally:
            shop.end()

    agree()
