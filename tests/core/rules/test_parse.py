"""What is no rule is refused with the place and one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from ecrm_server.errors import Refusal
from ecrm_server.rules import Rule, Segment, TraitSet, evaluate, parse, segments_used
from ecrm_server.rules.parse import MAX_DEPTH, MAX_NESTING, MAX_PARTS
from tests.core.rules import drawn, shop

DE = {"trait": "shop.country", "op": "is", "value": "DE"}


def refused(tree: Any) -> Refusal | None:
    """The refusal of a tree, or None after it was parsed; anything else that is raised fails the test."""
    try:
        rule = parse(tree, shop.TRAITS, segment=shop.SEGMENTS.get)
    except Refusal as refusal:
        return refusal
    assert parse(rule.tree, shop.TRAITS, segment=shop.SEGMENTS.get).root == rule.root
    return None


@settings(max_examples=500)
@given(tree=drawn.JSON | drawn.broken())
def test_any_json_is_a_rule_or_refused(tree: Any) -> None:
    refusal = refused(tree)
    if refusal is not None:
        assert refusal.field
        assert refusal.message.startswith(f"At {refusal.field}: ")
        assert refusal.message.endswith(".")
        assert len(refusal.message) < 800


@pytest.mark.parametrize(
    "tree, field, words",
    [
        ([], "rule", "a rule is one of"),
        ({}, "rule", "a condition is one of"),
        ({"version": 2, **DE}, "version", "reads version 1"),
        ({"all": DE}, "all", "a list of conditions, not an object"),
        ({"any": []}, "any", "would hold for nobody"),
        ({"all": [DE], "any": [DE]}, "rule", "'any' does not belong beside 'all'"),
        (
            {"all": [DE, DE, {"trait": "loyalty.level", "op": "is", "value": 1}]},
            "all[2].trait",
            "no trait 'loyalty.level'",
        ),
        ({"trait": "shop.countri", "op": "is", "value": "DE"}, "trait", "Did you mean 'shop.country'?"),
        (
            {"not": {**DE, "op": "contains"}},
            "not.op",
            "Country cannot be compared by 'contains'. Use one of: 'is empty'",
        ),
        (
            {"all": [{**DE, "value": "XX"}]},
            "all[0].value",
            "Country has no value 'XX'. Choose from: DE, FR, GB, fr.",
        ),
        ({**DE, "op": "one of", "value": ["DE", "XX"]}, "value[1]", "Country has no value 'XX'"),
        ({"trait": "shop.country", "op": "is"}, "value", "'is' needs one value to compare Country with"),
        ({**DE, "op": "is empty"}, "value", "'is empty' takes no value"),
        ({"trait": "shop.name", "op": "contains", "value": "\u200b"}, "value", "empty text. Use 'is empty'"),
        ({"trait": "shop.name", "op": "is", "value": "a\x00"}, "value", "control characters"),
        ({"trait": "shop.name", "op": "is", "value": "\ud800"}, "value", "control characters"),
        ({"trait": "shop.orders", "op": ">", "value": True}, "value", "needs a whole number, not true"),
        ({"trait": "shop.orders", "op": ">", "value": 2**53}, "value", "not a number that large"),
        (
            {"trait": "shop.score", "op": ">", "value": float("nan")},
            "value",
            "needs a number such as 2.5, not nan",
        ),
        ({"trait": "shop.orders", "op": "between", "value": [3, 1]}, "value", "Put 1 before 3"),
        (
            {"trait": "shop.spent", "op": ">", "value": 5},
            "value",
            '{"amount": 1250, "currency": "GBP"}, not 5',
        ),
        (
            {"trait": "shop.spent", "op": ">", "value": {"amount": 1, "currency": "EUR"}},
            "value",
            "kept in GBP",
        ),
        ({"trait": "shop.born", "op": "is", "value": "2027-02-29"}, "value", "a date of the calendar"),
        ({"trait": "shop.born", "op": "is", "value": "20270228"}, "value", "needs a date like"),
        ({"trait": "shop.seen", "op": "before", "value": "2027"}, "value", "milliseconds since 1970"),
        (
            {"trait": "shop.seen", "op": "within last days", "value": -1},
            "value",
            "days from 0 to 36500, not -1",
        ),
        ({"trait": "shop.born", "op": "anniversary within days", "value": 365}, "value", "from 0 to 364"),
        ({"segment": "gone"}, "segment", "there is no segment 'gone'"),
        ({"segment": ["germans"]}, "segment", "the public id of a segment, not a list"),
    ],
)
def test_the_refusal_names_place_and_remedy(
    read: Callable[[Any], Rule], tree: Any, field: str, words: str
) -> None:
    with pytest.raises(Refusal) as caught:
        read(tree)
    assert caught.value.field == field
    assert words in caught.value.message


def test_a_number_too_long_to_print_is_refused(read: Callable[[Any], Rule]) -> None:
    for tree in (
        {"trait": "shop.score", "op": ">", "value": 10**5000},
        {"version": 10**5000, **DE},
        10**5000,
    ):
        with pytest.raises(Refusal, match="a number that large"):
            read(tree)


def test_deep_and_large_rules_are_refused(read: Callable[[Any], Rule]) -> None:
    tree: Any = DE
    for _ in range(MAX_DEPTH):
        tree = {"not": tree}
    assert read(tree)
    with pytest.raises(Refusal, match="deeper than 10 levels"):
        read({"not": tree})
    assert read({"all": [DE] * (MAX_PARTS - 1)})
    with pytest.raises(Refusal, match="at most 200 conditions"):
        read({"all": [DE] * MAX_PARTS})
    many = {"trait": "shop.orders", "op": "one of", "value": list(range(500))}
    assert read({"any": [many] * 4})
    with pytest.raises(Refusal, match="at most 2000 values together"):
        read({"any": [many] * 5})


def test_segments_that_multiply_are_counted_as_often_as_they_are_used() -> None:
    chain = {"s0": Segment("s0", "S0", DE)}
    for level in range(1, MAX_NESTING):
        chain[f"s{level}"] = Segment(f"s{level}", f"S{level}", {"any": [{"segment": f"s{level - 1}"}] * 4})
    assert parse({"segment": "s2"}, shop.TRAITS, segment=chain.get)
    with pytest.raises(Refusal, match="nested segments included"):
        parse({"segment": "s4"}, shop.TRAITS, segment=chain.get)


def test_segments_nest_only_so_deep() -> None:
    chain = {"s1": Segment("s1", "S1", DE)}
    for level in range(2, MAX_NESTING + 2):
        chain[f"s{level}"] = Segment(f"s{level}", f"S{level}", {"segment": f"s{level - 1}"})
    assert parse({"segment": f"s{MAX_NESTING}"}, shop.TRAITS, segment=chain.get)
    deep = f"s{MAX_NESTING + 1}"
    shallow_first = {"all": [{"segment": f"s{MAX_NESTING}"}, {"segment": deep}]}
    for tree in ({"segment": deep}, shallow_first):
        with pytest.raises(Refusal, match="over more than 5 levels"):
            parse(tree, shop.TRAITS, segment=chain.get)


def test_a_segment_may_not_contain_itself() -> None:
    circle = {
        "a": Segment("a", "A", {"segment": "b"}),
        "b": Segment("b", "B", {"all": [DE, {"segment": "a"}]}),
    }
    with pytest.raises(
        Refusal, match=r"segment 'B' cannot be used. At all\[1\]\.segment: the segment would contain itself"
    ) as caught:
        parse({"segment": "b"}, shop.TRAITS, segment=circle.get, own="a")
    assert caught.value.field == "segment"
    with pytest.raises(Refusal, match="would contain itself"):
        parse({"not": {"segment": "a"}}, shop.TRAITS, segment=circle.get)


def test_segments_are_looked_up_by_public_ids_only() -> None:
    asked: list[str] = []
    for uid in ("gone", "\x00", "\ud800", "", "a" * 41, "a'b"):
        with pytest.raises(Refusal, match="there is no segment"):
            parse({"segment": uid}, shop.TRAITS, segment=asked.append)
    assert asked == ["gone"]


def test_a_nested_segment_over_a_deleted_trait_is_named() -> None:
    old = Segment("old", "Gold members", {"trait": "loyalty.level", "op": "is", "value": "gold"})
    with pytest.raises(
        Refusal, match=r"'Gold members' cannot be used\. At trait: there is no trait 'loyalty.level'"
    ):
        parse({"segment": "old"}, shop.TRAITS, segment={"old": old}.get)


def test_a_static_list_needs_a_trait_that_knows_its_members() -> None:
    bare = TraitSet("shop", [trait for trait in shop.TRAITS if not trait.sql.joins])
    with pytest.raises(Refusal, match="'Fair 2026' is a static list"):
        parse({"segment": "fair2026"}, bare, segment=shop.SEGMENTS.get)
    person = {**shop.subjects(1, seed=1)[0], "lists": {"fair2026"}}
    rule = parse({"segment": "fair2026"}, shop.TRAITS, segment=shop.SEGMENTS.get)
    assert evaluate(rule, person, shop.NOON)
    assert not evaluate(rule, {**person, "lists": {"oldlist"}}, shop.NOON)


def test_the_stored_tree_has_the_version_and_is_a_copy(read: Callable[[Any], Rule]) -> None:
    tree = {"all": [DE, {"segment": "lapsed"}]}
    rule = read(tree)
    tree["all"].clear()
    assert rule.tree == {"version": 1, "all": [DE, {"segment": "lapsed"}]}
    assert segments_used(rule) == ("germans", "lapsed")
