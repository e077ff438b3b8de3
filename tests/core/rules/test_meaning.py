"""What conditions mean, by examples worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrm_server.clock import DAY, HOUR
from ecrm_server.errors import PluginError
from ecrm_server.rules import (
    Expression,
    Join,
    Members,
    Rule,
    Trait,
    TraitSet,
    describe,
    evaluate,
    events_relevant,
    explain,
    from_sql,
    next_change,
    parse,
    time_dependent,
    to_sql,
    traits_used,
)  # fmt: skip
from tests.core.rules import shop

NOW = shop.NOON
NOBODY: shop.Subject = {
    "name": None, "company": None, "city": None, "country": None, "score": None, "orders": None, "spent": None,
    "news": None, "born": None, "seen": None, "visits": [], "tags": (), "lists": (),
}  # fmt: skip
Read = Callable[[Any], Rule]
FEBRUARY = (date(2000, 2, 28), date(2000, 2, 29), date(2001, 3, 1))


def condition(trait: str, op: str, *value: Any) -> dict[str, Any]:
    tree: dict[str, Any] = {"trait": f"shop.{trait}", "op": op}
    return {**tree, "value": value[0]} if value else tree


def holds(read: Read, tree: Any, **facts: Any) -> bool:
    return evaluate(read(tree), {**NOBODY, **facts}, NOW)


@pytest.mark.parametrize(
    "op, value, passes, fails",
    [
        ("is", "STRASSE", ["straße", " Strasse "], ["strass", None, ""]),
        ("is not", "ann", ["Anna", None, ""], ["ANN"]),
        ("one of", ["ann", "bob"], ["Ann", "BOB"], ["Ann Bob", None]),
        ("not one of", ["ann", "bob"], ["Ann Bob", None], ["Ann"]),
        ("contains", "0%", ["100%"], ["1000", None]),
        ("contains", "ÄN", ["Hänsel"], ["Hansel"]),
        ("does not contain", "a_", ["axb", None], ["A_B"]),
        ("starts with", "an", ["Ann", "an"], ["Joan", None]),
    ],
)
def test_texts_are_compared_by_their_keys(
    read: Read, op: str, value: Any, passes: list[Any], fails: list[Any]
) -> None:
    tree = condition("name", op, value)
    assert [text for text in passes if not holds(read, tree, name=text)] == []
    assert [text for text in fails if holds(read, tree, name=text)] == []


@pytest.mark.parametrize(
    "trait, op, value, on_empty",
    [
        ("name", "is empty", None, True), ("name", "is not empty", None, False), ("country", "is", "DE", False),
        ("country", "is not", "DE", True), ("orders", "<", 5, False), ("orders", ">=", -5, False),
        ("orders", "is", 0, False), ("news", "is", False, False), ("news", "is not", True, True),
        ("born", "before", "2030-01-01", False), ("seen", "more than days ago", 1, False),
        ("tags", "has any of", ["vip"], False), ("tags", "has none of", ["vip"], True),
        ("tags", "has all of", ["vip"], False), ("tags", "is empty", None, True),
        ("born", "anniversary within days", 364, False),
    ],
)  # fmt: skip
def test_empty_values_pass_only_what_is_negative(
    read: Read, trait: str, op: str, value: Any, on_empty: bool
) -> None:
    tree = condition(trait, op) if value is None else condition(trait, op, value)
    assert holds(read, tree) is on_empty
    assert holds(read, {"not": tree}) is not on_empty


def test_groups_and_negation(read: Read) -> None:
    german, gold = condition("country", "is", "DE"), condition("tags", "has all of", ["gold", "old"])
    facts = {"country": "DE", "tags": ["gold"]}
    assert holds(read, {"any": [german, gold]}, **facts)
    assert not holds(read, {"all": [german, gold]}, **facts)
    assert holds(read, {"all": [german, {"not": gold}]}, **facts)
    assert holds(read, {"all": []})
    assert holds(read, {"all": [german, gold]}, country="DE", tags=["old", "x", "gold"])


@pytest.mark.parametrize(
    "op, value, edges",
    [
        ("within last days", 30, {-30 * DAY - 1: False, -30 * DAY: True, 0: True, 1: False}),
        ("more than days ago", 30, {-30 * DAY - 1: True, -30 * DAY: False, 0: False, 1: False}),
        (
            "days ago between",
            [2, 5],
            {-5 * DAY - 1: False, -5 * DAY: True, -2 * DAY: True, -2 * DAY + 1: False},
        ),
        ("within next days", 7, {-1: False, 0: True, 7 * DAY: True, 7 * DAY + 1: False}),
    ],
)
def test_windows_of_times_include_their_ends(read: Read, op: str, value: Any, edges: dict[int, bool]) -> None:
    rule = read(condition("seen", op, value))
    assert {off: evaluate(rule, {**NOBODY, "seen": NOW + off}, NOW) for off in edges} == edges


@pytest.mark.parametrize(
    "op, value, edges",
    [
        ("within last days", 7, {-8: False, -7: True, 0: True, 1: False}),
        ("more than days ago", 7, {-8: True, -7: False}),
        ("within next days", 0, {-1: False, 0: True, 1: False}),
    ],
)
def test_windows_of_dates_count_whole_days(read: Read, op: str, value: Any, edges: dict[int, bool]) -> None:
    rule = read(condition("born", op, value))
    days = {off: (shop.AS_OF_DAY + timedelta(days=off)).isoformat() for off in edges}
    assert {off: evaluate(rule, {**NOBODY, "born": day}, NOW) for off, day in days.items()} == edges


@given(
    born=st.dates(date(1920, 1, 1), date(2026, 12, 31)) | st.sampled_from(FEBRUARY),
    day=st.dates(date(2019, 1, 1), date(2033, 12, 31)) | st.dates(date(2027, 2, 25), date(2027, 3, 2)),
    days=st.integers(0, 364) | st.integers(0, 3),
)
def test_an_anniversary_is_found_by_walking_the_calendar(born: date, day: date, days: int) -> None:
    rule = parse(condition("born", "anniversary within days", days), shop.TRAITS)
    as_of = (day - date(1970, 1, 1)).days * DAY + 5 * HOUR
    window = [day + timedelta(days=off) for off in range(days + 1)]
    leap_day_kept = (born.month, born.day) == (2, 29)
    expected = any(
        (one.month, one.day) == (born.month, born.day)
        or (leap_day_kept and (one.month, one.day) == (2, 28) and (one + timedelta(days=1)).month == 3)
        for one in window
    )
    assert evaluate(rule, {**NOBODY, "born": born.isoformat()}, as_of) is expected


def test_the_next_change_is_the_millisecond_at_which_a_window_opens_or_closes(read: Read) -> None:
    person = {**NOBODY, "seen": NOW - 10 * DAY, "country": "DE"}
    lapsed, german = condition("seen", "more than days ago", 30), condition("country", "is", "DE")
    moment = NOW + 20 * DAY + 1
    assert next_change(read(lapsed), person, NOW) == moment
    assert next_change(read(condition("seen", "within last days", 30)), person, NOW) == moment
    assert next_change(read({"all": [german, lapsed]}), person, NOW) == moment
    assert next_change(read(lapsed), person, moment) is None


WINDOWS = ("within last days", "more than days ago", "within next days", "days ago between")


@pytest.mark.parametrize(
    "trait, op",
    [(trait, op) for trait in ("born", "seen") for op in WINDOWS] + [("born", "anniversary within days")],
)
def test_at_the_next_change_of_one_condition_its_answer_turns(read: Read, trait: str, op: str) -> None:
    values: tuple[Any, ...] = shop.DATES if trait == "born" else shop.TIMES
    turned = 0
    for days in shop.DAYS[:5]:
        value = [days, days + 3] if op == "days ago between" else days
        rule = read(condition(trait, op, value))
        for known in values:
            person = {**NOBODY, trait: known}
            now, change = evaluate(rule, person, NOW), next_change(rule, person, NOW)
            until = NOW + 500 * DAY if change is None else change
            midnights = range(NOW + DAY // 2, until, DAY)
            assert {evaluate(rule, person, moment) for moment in (*midnights, until - 1)} <= {now}
            if change is not None:
                assert evaluate(rule, person, change) is not now
                turned += 1
    assert turned > 20


def test_a_group_waits_for_the_last_of_the_parts_that_decide_it(read: Read) -> None:
    person = {**NOBODY, "seen": NOW - 10 * DAY, "born": "2027-03-09"}
    soon, later = condition("seen", "more than days ago", 10), condition("born", "within next days", 7)
    both = read({"all": [soon, later]})
    assert next_change(both, person, NOW) == NOW + 2 * DAY + 12 * HOUR
    neither = read({"any": [{"not": soon}, {"not": later}]})
    assert next_change(neither, person, NOW) == NOW + 2 * DAY + 12 * HOUR


def test_what_time_cannot_change_has_no_next_change(read: Read) -> None:
    person = {**NOBODY, "seen": NOW - 10 * DAY, "country": "GB"}
    lapsed, german = condition("seen", "more than days ago", 30), condition("country", "is", "DE")
    assert next_change(read(german), person, NOW) is None
    assert next_change(read({"all": [german, lapsed]}), person, NOW) is None
    assert next_change(read({"any": [{"not": german}, lapsed]}), person, NOW) is None
    assert next_change(read(lapsed), NOBODY, NOW) is None
    assert [time_dependent(read(tree)) for tree in (german, {"not": lapsed}, {"segment": "lapsed"})] == [
        False,
        True,
        True,
    ]


def test_days_begin_at_the_midnight_of_the_zone() -> None:
    traits = TraitSet(
        "shop", [Trait(name="a.b", title="B", kind="date", read=itemgetter("born"), sql=Expression("t.born"))],
        zone="Pacific/Auckland",
    )  # fmt: skip
    rule = parse({"trait": "a.b", "op": "anniversary within days", "value": 0}, traits)
    person = {"born": "1990-02-28"}
    # Noon UTC of 27 February is 01:00 of the 28th in Auckland, 13 hours ahead.
    assert evaluate(rule, person, NOW)
    assert not evaluate(rule, person, NOW - HOUR - 1)
    assert next_change(rule, person, NOW - HOUR - 1) == NOW - HOUR
    assert next_change(rule, person, NOW) == NOW + 23 * HOUR


def test_a_rule_is_described_in_one_line(read: Read) -> None:
    tree = {
        "all": [
            condition("country", "one of", ["DE", "FR"]),
            {
                "any": [
                    condition("spent", ">=", {"amount": 125000, "currency": "GBP"}),
                    {"segment": "fair2026"},
                ]
            },
            {"not": condition("name", "starts with", "A")},
            condition("seen", "more than days ago", 1),
            condition("born", "between", ["1980-01-01", "1989-12-31"]),
            condition("tags", "has none of", ["vip"]),
        ]
    }
    assert describe(read(tree)) == (
        "Country is one of Germany, France and (Spent is at least 1,250.00 GBP or in segment 'Fair 2026')"
        " and not (Name starts with 'A') and Last visit is more than 1 day ago"
        " and Birthday is between 1 January 1980 and 31 December 1989 and Tags contain none of vip"
    )
    assert describe(read({"all": []})) == "everybody"


def test_an_explanation_shows_what_was_found(read: Read) -> None:
    tree = {"all": [condition("country", "is", "DE"), {"segment": "lapsed"}, condition("tags", "is empty")]}
    person = {**NOBODY, "country": "GB", "seen": NOW - 45 * DAY, "tags": ["b", "a"]}
    found = explain(read(tree), person, NOW)
    country, segment, tags = found.parts
    assert (found.passed, found.sentence) == (False, "all of these")
    assert (country.sentence, country.value, country.passed) == (
        "Country is Germany",
        "United Kingdom",
        False,
    )
    assert (segment.sentence, segment.passed) == ("in segment 'Lapsed'", True)
    seen = segment.parts[0].parts[1]
    assert (seen.value, seen.passed) == ("13 January 2027 12:00 UTC, 45 days ago", True)
    assert (tags.value, tags.passed) == ("a, b", False)
    assert explain(read(condition("orders", ">", 1)), NOBODY, NOW).value == "empty"


def test_a_rule_knows_its_traits_and_events(read: Read) -> None:
    rule = read(
        {"all": [condition("orders", ">", 1), {"not": {"segment": "lapsed"}}, {"segment": "fair2026"}]}
    )
    assert traits_used(rule) == ("shop.country", "shop.lists", "shop.orders", "shop.seen")
    assert events_relevant(rule) == (
        "orders.cancelled",
        "orders.placed",
        "segments.list_changed",
        "shop.moved",
    )


def test_who_is_new_may_belong_to_a_rule_that_asks_nothing() -> None:
    traits = TraitSet(
        "shop", list(shop.TRAITS), joins=tuple(shop.TRAITS.joins.values()), events=("shop.opened",)
    )
    assert events_relevant(parse({"all": []}, traits)) == ("shop.opened",)


def test_only_the_joins_that_a_rule_reads_are_joined(read: Read) -> None:
    assert from_sql(read(condition("orders", ">", 1)), NOW) == ("shop t", ())
    source, _ = from_sql(read(condition("city", "is", "York")), NOW)
    assert (
        source == "shop t LEFT JOIN shop_company c ON c.shop = t.id LEFT JOIN shop_city y ON y.id = c.city_id"
    )


def test_a_positive_condition_leaves_its_column_bare_for_an_index(read: Read) -> None:
    tree = {"all": [condition("country", "is", "DE"), {"not": condition("orders", "<", 5)}]}
    assert to_sql(read(tree), NOW) == ("(t.country = ?) AND (NOT COALESCE(t.orders < ?, FALSE))", ("DE", 5))


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"name": "Country"}, "must look like part.name"),
        ({"kind": "colour"}, "its kind 'colour' is none of text"),
        ({"kind": "set"}, "told to SQL by Members"),
        ({"sql": Members("x WHERE x.t = t.id", "x.m")}, "told to SQL by Members"),
        ({"kind": "money"}, "three capital letters"),
        ({"choices": {"a": "A"}}, "only a choice or a set has choices"),
    ],
)
def test_a_contradictory_trait_is_refused(fields: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "name": "a.b",
        "title": "B",
        "kind": "integer",
        "read": len,
        "sql": Expression("t.b"),
    }
    assert Trait(**good)
    with pytest.raises(PluginError, match=words):
        Trait(**{**good, **fields})


def test_traits_are_declared_once_and_over_known_joins() -> None:
    trait = Trait(name="a.b", title="B", kind="integer", read=len, sql=Expression("c.b", (), ("company",)))
    with pytest.raises(PluginError, match="reads the join 'company', which nobody declares"):
        TraitSet("shop", [trait])
    with pytest.raises(PluginError, match="Join 'city' is needed by 'company', and nobody declares it"):
        TraitSet("shop", joins=[Join("company", "shop_company c ON c.shop = t.id", needs=("city",))])
    with pytest.raises(PluginError, match="Join 'a' needs itself"):
        TraitSet(
            "shop",
            joins=[Join("a", "a ON a.id = b.id", needs=("b",)), Join("b", "b ON b.id = a.id", needs=("a",))],
        )
    with pytest.raises(PluginError, match="declared twice"):
        TraitSet("shop", [trait, trait], joins=shop.TRAITS.joins.values())
