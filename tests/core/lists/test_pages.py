"""Pages by key, over random filters, orders and sizes: every row exactly once, and those that memory says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.access import SYSTEM
from ecrm_server.errors import PluginError, Refusal
from ecrm_server.lists import cursor
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import Column, ListKind
from ecrm_server.lists.query import Page, Query, Row, rule_of
from ecrm_server.rules import Expression, evaluate, parse
from tests.core.rules import drawn, shop

UID = Expression("CAST(t.id AS VARCHAR(10))")
COLUMNS = {
    name: Column(key=name, trait=f"shop.{name}")
    for name in ("name", "company", "country", "score", "orders", "spent", "news", "born", "seen", "visits", "tags")
}
SORTED = [None, *(name for name in COLUMNS if name != "tags")]


def shops(scope: str = "1 = 1") -> Bound:
    kind = ListKind(
        name="shop.people", title="People", url="/shop", permission="*", traits=shop.TRAITS, uid=UID,
        columns=list(COLUMNS.values()), scope=lambda actor: Expression(scope), search=["shop.name", "shop.company"],
    )  # fmt: skip
    return Bound(kind, SYSTEM, COLUMNS, shop.TRAITS, Expression(scope))


def forward(query: Query, size: int) -> Iterator[Page]:
    page = query.page(size)
    while True:
        yield page
        if page.after is None:
            return
        page = query.page(size, after=again(query, page.after))


def backward(query: Query, size: int, last: Page) -> Iterator[Page]:
    page = last
    while page.before is not None:
        page = query.page(size, before=again(query, page.before))
        yield page


def again(query: Query, place: cursor.Position) -> cursor.Position | None:
    """A place as it comes back from an address."""
    return cursor.read(str(place), None if query.sort is None else query.bound.value_kind(query.sort))


def uids(pages: list[Page]) -> list[str]:
    return [row["uid"] for page in pages for row in page.rows]


def value(person: shop.Subject, column: str | None) -> Any:
    trait = shop.TRAITS.get(f"shop.{column}")
    return trait.value(person) if trait else person["id"]


@settings(max_examples=80)
@given(
    tree=st.none() | drawn.rules(*(f"shop.{name}" for name in COLUMNS)),
    sort=st.sampled_from(SORTED),
    descending=st.booleans(),
    size=st.integers(1, 70),
)
def test_pages_give_every_row_once_in_order(
    stored: list[shop.Subject], tree: Any, sort: str | None, descending: bool, size: int
) -> None:
    rule = parse(tree, shop.TRAITS) if tree else None
    query = Query(shops(), shop.NOON, rule, sort=COLUMNS[sort] if sort else None, descending=descending)
    pages = list(forward(query, size))
    found = uids(pages)
    expected = {str(person["id"]): person for person in stored if rule is None or evaluate(rule, person, shop.NOON)}
    assert sorted(found) == sorted(expected)
    assert all(len(page.rows) == size for page in pages[:-1])
    assert query.count() == len(expected)
    values = [value(expected[uid], sort) for uid in found]
    filled = [item for item in values if item is not None]
    assert values[len(filled) :] == [None] * (len(values) - len(filled)), "empty values stand last"
    if sort not in ("name", "company"):  # the engines order letters each in its own way
        assert filled == sorted(filled, reverse=descending)
    back = [page.rows for page in backward(query, size, pages[-1])]
    assert [row["uid"] for rows in reversed(back) for row in rows] == uids(pages[:-1])


def test_equal_values_stay_in_one_order(stored: list[shop.Subject]) -> None:
    query = Query(shops(), shop.NOON, sort=COLUMNS["news"])
    whole = uids([query.page(1000)])
    assert uids(list(forward(query, 3))) == whole
    assert uids([Query(shops(), shop.NOON, sort=COLUMNS["news"], descending=True).page(1000)]) != whole


def test_cells_hold_what_memory_says(stored: list[shop.Subject]) -> None:
    query = Query(shops(), shop.NOON, columns=list(COLUMNS.values()))
    rows: dict[str, Row] = {row["uid"]: row for row in query.page(1000).rows}
    for person in stored:
        row = rows[str(person["id"])]
        for name in ("country", "score", "orders", "spent", "news", "born", "seen"):
            assert row[name] == person[name], name
        assert set(row["tags"]) == set(person["tags"])


def test_the_scope_holds_for_pages_counts_single_rows_and_keys(stored: list[shop.Subject]) -> None:
    query = Query(shops("t.id <= 10"), shop.NOON)
    mine = {str(number) for number in range(1, 11)}
    assert set(uids([query.page(1000)])) == mine
    assert query.count() == 10
    assert query.one("11") is None
    assert query.one("10") is not None
    assert query.visible(["11", "10", "12"]) == ["10"]
    assert {uid for _, uid in query.keys(0, query.top(), 1000)} == mine
    assert query.keys(3, 6, 2) == [(4, "4"), (5, "5")]


def test_counts_stop(stored: list[shop.Subject]) -> None:
    assert Query(shops(), shop.NOON).count(limit=50) == 51


def test_the_search_box_looks_into_the_named_traits(stored: list[shop.Subject]) -> None:
    bound = shops()
    found = uids([Query(bound, shop.NOON, rule_of(bound, None, "ANN")).page(1000)])
    expected = {
        str(person["id"])
        for person in stored
        if any("ann" in (value(person, name) or "") for name in ("name", "company"))
    }
    assert set(found) == expected
    assert rule_of(bound, None, " \u200b") is None


@pytest.mark.parametrize("text", ["x", "W10", "WzEsMSwxXQ", "WyJ4IiwgMV0", "W3RydWUsMV0", "8" * 5000])
def test_a_place_that_was_not_given_out_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="not one of ours"):
        cursor.read(text, "integer")




def test_a_filter_may_name_a_segment(stored: list[shop.Subject]) -> None:
    bound = shops()
    with pytest.raises(Refusal, match="there is no segment"):
        bound.parse({"segment": "germans"})
    known = replace(bound, kind=replace(bound.kind, segment=lambda actor, uid: shop.SEGMENTS.get(uid)))
    found = uids([Query(known, shop.NOON, rule_of(known, known.parse({"segment": "germans"}), "")).page(1000)])
    assert set(found) == {str(person["id"]) for person in stored if person["country"] == "DE"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Name", "trait": "a.b"}, {"key": "uid", "trait": "a.b"}, {"key": "a"},
        {"key": "a", "sql": Expression("1")}, {"key": "a", "trait": "a.b", "show": "bold"},
        {"key": "a", "title": "A", "sql": Expression("1"), "group": True},
    ],
)  # fmt: skip
def test_a_column_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PluginError, match="Column"):
        Column(**wrong)
