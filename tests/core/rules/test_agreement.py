"""The interpreters of one rule agree: in memory, in SQL on both engines, in words, and about time."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.clock import DAY, HOUR
from ecrm_server.data import Prepared
from ecrm_server.rules import (
    Rule,
    TraitSet,
    changeable,
    evaluate,
    explain,
    forecast,
    next_change,
    parse,
    query,
)
from tests.core.rules import drawn, shop

POOL = shop.subjects(60, seed=11)


def ruled(tree: Any) -> Rule:
    return parse(tree, shop.TRAITS, segment=shop.SEGMENTS.get)


def selected(rule: Rule, as_of: int, *, negated: bool = False) -> set[int]:
    text, values = query(rule, as_of, "t.id", negated=negated)
    return {number for (number,) in Prepared(text).tuples(*values)}


@settings(max_examples=200)
@given(tree=drawn.rules())
def test_sql_finds_exactly_those_that_memory_says(stored: list[shop.Subject], tree: Any) -> None:
    rule = ruled(tree)
    expected = {person["id"] for person in stored if evaluate(rule, person, shop.NOON)}
    assert selected(rule, shop.NOON) == expected


@settings(max_examples=80)
@given(tree=drawn.rules())
def test_negated_sql_finds_exactly_the_others(stored: list[shop.Subject], tree: Any) -> None:
    rule = ruled(tree)
    others = {person["id"] for person in stored if not evaluate(rule, person, shop.NOON)}
    assert selected(rule, shop.NOON, negated=True) == others
    assert selected(ruled({"not": tree}), shop.NOON) == others


@settings(max_examples=60)
@given(
    tree=drawn.rules("shop.born", "shop.seen"),
    as_of=st.integers(shop.NOON - 800 * DAY, shop.NOON + 800 * DAY),
)
def test_sql_and_memory_agree_at_any_moment(stored: list[shop.Subject], tree: Any, as_of: int) -> None:
    rule = ruled(tree)
    assert selected(rule, as_of) == {person["id"] for person in stored if evaluate(rule, person, as_of)}


@settings(max_examples=200)
@given(tree=drawn.rules(), person=st.sampled_from(POOL))
def test_the_explanation_passes_when_the_rule_does(tree: Any, person: shop.Subject) -> None:
    rule = ruled(tree)
    assert explain(rule, person, shop.NOON).passed == evaluate(rule, person, shop.NOON)


@settings(max_examples=200)
@given(
    tree=drawn.rules("shop.born", "shop.seen", "shop.orders"),
    person=st.sampled_from(POOL),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns")),
    offset=st.integers(0, 24 * HOUR),
)
def test_the_next_change_is_never_later_than_the_first_actual_one(
    tree: Any, person: shop.Subject, zone: str, offset: int
) -> None:
    traits = TraitSet("shop", list(shop.TRAITS), joins=tuple(shop.TRAITS.joins.values()), zone=zone)
    rule = parse(tree, traits)
    start = shop.NOON + offset
    now, foreseen = evaluate(rule, person, start), next_change(rule, person, start)
    assert forecast(rule)(person, start) == (now, foreseen)
    assert foreseen is None or (foreseen > start and evaluate(changeable(rule), person, start))
    end = start + 1200 * DAY if foreseen is None else min(foreseen, start + 1200 * DAY)
    # Times are looked at to the millisecond, days to the hour at which they may begin.
    for moment in _moments(person, start, end):
        assert evaluate(rule, person, moment) is now, (moment, foreseen)


def _moments(person: shop.Subject, start: int, end: int) -> list[int]:
    edges = {start + hours * HOUR // 2 for hours in range(2 * 24 * 40)}
    edges |= {start - start % DAY + day * DAY + hour * HOUR for day in range(1201) for hour in (0, 12)}
    if person["seen"] is not None:
        edges |= {
            person["seen"] + sign * days * DAY + off
            for days in shop.DAYS
            for sign in (1, -1)
            for off in (-1, 0, 1)
        }
    return sorted({moment for moment in {*edges, end - 1} if start <= moment < end})


def test_the_largest_rules_run_on_both_engines(stored: list[shop.Subject]) -> None:
    listed = {"trait": "shop.orders", "op": "not one of", "value": list(range(100, 600))}
    german = {"trait": "shop.country", "op": "is not", "value": "DE"}
    tags = {"trait": "shop.tags", "op": "has all of", "value": [f"tag{number}" for number in range(170)]}
    deep: Any = tags
    for level in range(9):
        deep = {"not": deep} if level % 2 else {"any": [deep, {"segment": "germans"}]}
    for tree in ({"all": [listed] * 4}, {"all": [german] * 199}, {"any": [german] * 199}, deep):
        rule = ruled(tree)
        expected = {person["id"] for person in stored if evaluate(rule, person, shop.NOON)}
        assert 0 < len(expected) <= len(stored)
        assert selected(rule, shop.NOON) == expected
