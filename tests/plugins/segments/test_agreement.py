"""A segment kept by events is the same as its rule evaluated over everybody, for rules and changes drawn at random."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.customers import services as customers
from ecrm_server.data import Prepared
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.rules import evaluate, query, traits_used
from ecrm_server.rules.catalogue import load, subjects
from ecrm_server.testing import MovableClock

from .conftest import module

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

COUNTRIES, STAGES, TAGS = ["DE", "FR", "AT"], ["lead", "customer", "lapsed"], ["vip", "new"]
SET_WORDS = ["has any of", "has none of", "has all of"]
DATES = ["1980-02-29", "1991-12-31", "2001-01-01", "2026-06-15"]
_day = st.integers(0, 40)
_condition = st.one_of(
    st.builds(lambda v, op: {"trait": "customers.country", "op": op, "value": v}, st.sampled_from(COUNTRIES),
              st.sampled_from(["is", "is not"])),
    st.builds(lambda v: {"trait": "customers.stage", "op": "not one of", "value": v},
              st.lists(st.sampled_from(STAGES), min_size=1, max_size=2)),
    st.builds(lambda v, op: {"trait": "customers.tags", "op": op, "value": v},
              st.lists(st.sampled_from(TAGS), min_size=1, max_size=2), st.sampled_from(SET_WORDS)),
    st.builds(lambda n, op: {"trait": "customers.updated_at", "op": op, "value": n}, _day,
              st.sampled_from(["within last days", "more than days ago"])),
    st.builds(lambda n: {"trait": "customers.birthday", "op": "anniversary within days", "value": n}, _day),
    st.builds(lambda op: {"trait": "customers.birthday", "op": op}, st.sampled_from(["is empty", "is not empty"])),
    st.sampled_from([{"segment": "list"}, {"segment": "rule"}]),
)  # fmt: skip
_rule = st.recursive(
    _condition,
    lambda part: (
        st.builds(lambda parts: {"all": parts}, st.lists(part, max_size=3))
        | st.builds(lambda parts: {"any": parts}, st.lists(part, min_size=1, max_size=3))
        | st.builds(lambda one: {"not": one}, part)
    ),
    max_leaves=5,
)
_facts = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from([*COUNTRIES, None]), "stage": st.sampled_from(STAGES),
        "tags": st.lists(st.sampled_from(TAGS), unique=True), "birthday": st.sampled_from([*DATES, None]),
    },
)  # fmt: skip
_who = st.integers(0, 5)
_change = st.one_of(
    st.tuples(st.just("change"), _who, _facts),
    st.tuples(st.just("create"), _facts),
    st.tuples(st.just("wait"), st.integers(1, 60 * 24 * 40)),
    st.tuples(st.just("list"), _who, st.booleans()),
    st.tuples(st.just("rule"), _rule),
    st.tuples(st.just("delete"), _who),
)
_number = itertools.count()


def _named(tree: Any, uids: dict[str, str]) -> Any:
    """The tree with the uids of the two segments that it may name."""
    if isinstance(tree, list):
        return [_named(part, uids) for part in tree]
    if isinstance(tree, dict):
        return {key: uids[value] if key == "segment" else _named(value, uids) for key, value in tree.items()}
    return tree


def _expect_agreement(segments: Any) -> None:
    """Stored members, SQL and memory say the same of every segment."""
    ids, now = [row[0] for row in Prepared("SELECT id FROM customer").tuples()], clock.now()
    for kept in module("services.index").index().by_id.values():
        stored = {
            row[0]
            for row in Prepared("SELECT customer_id FROM segments_member WHERE segment_id = ?").tuples(
                kept.id
            )
        }
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


def _do(
    step: tuple[Any, ...], people: list[str], segments: Any, uids: dict[str, str], movable_clock: MovableClock
) -> None:
    match step:
        case ("change", who, facts) if people:
            customers.change(SYSTEM, people[who % len(people)], **facts)
        case ("create", facts):
            people.append(customers.create(SYSTEM, "Somebody", **facts))
        case ("wait", minutes):
            movable_clock.advance(minutes * clock.MINUTE)
            segments.following.tick()
        case ("list", who, inside) if people:
            act = segments.hand.add if inside else segments.hand.remove
            act(SYSTEM, uids["list"], [people[who % len(people)]])
        case ("rule", rule):
            version = Prepared("SELECT version FROM segments_segment WHERE uid = ?").value(uids["outer"])
            segments.editing.change(
                SYSTEM, uids["outer"], version, title=f"O{next(_number)}", rule=_named(rule, uids)
            )
            segments.settle()
        case ("delete", who) if people:
            Prepared("DELETE FROM customer WHERE uid = ?").run(people.pop(who % len(people)))


def test_members_kept_by_events_are_those_of_the_rule(segments: Any, movable_clock: MovableClock) -> None:
    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(
        _rule.filter(lambda rule: "segment" not in str(rule)),
        _rule,
        st.lists(_facts, max_size=3),
        st.lists(_change, max_size=10),
    )
    def agree(inner: Any, outer: Any, first: list[Any], steps: list[tuple[Any, ...]]) -> None:
        for table in ("customer", "segments_segment", "segments_member"):
            Prepared(f"DELETE FROM {table}").run()
        people = [customers.create(SYSTEM, "Somebody", **facts) for facts in first]
        number = next(_number)
        uids = {"list": segments.make(f"L{number}"), "rule": segments.make(f"R{number}", inner)}
        uids["outer"] = segments.make(f"O{number}", _named(outer, uids))
        for step in steps:
            _do(step, people, segments, uids, movable_clock)
            deliver_pending()
            _expect_agreement(segments)

    agree()
