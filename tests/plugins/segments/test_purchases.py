"""Recency, frequency and monetary value, from any plugin that has orders."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.kernel import plugins, state
from ecrm_server.settings import store

from .conftest import module

pytestmark = pytest.mark.usefixtures("both_engines")

Customer = Callable[..., str]
SPENT = {"trait": "segments.spent_eur", "op": ">=", "value": {"amount": 1000, "currency": "EUR"}}
OFTEN = {"trait": "segments.orders", "op": ">=", "value": 2}
RECENT = {"trait": "segments.last_order", "op": "within last days", "value": 30}


@pytest.fixture
def site(orders_plugin: None, make_site: Any) -> Any:
    return make_site("segments", "orders")


def shop() -> Any:
    return importlib.import_module("ecrm_plugins.orders.plugin")


def rows() -> list[tuple[Any, ...]]:
    return Prepared(
        "SELECT currency, orders, spent FROM segments_purchases ORDER BY customer_id, currency"
    ).tuples()


def test_orders_change_members_and_what_comes_back_does_too(
    segments: Any, customer: Customer, deliver: Callable[[], int]
) -> None:
    ada, now = customer("Ada"), clock.now()
    rich, often = segments.make("Rich", SPENT), segments.make("Often", OFTEN)
    recent = segments.make("Recent", RECENT)
    shop().place("o1", ada, now - 40 * clock.DAY, (600, 2), (100, 1))
    shop().place("o2", ada, now - clock.DAY, (300, 1))
    shop().place("o3", None, now, (9000, 1))
    shop().place("o4", ada, now - clock.DAY, (500, 1), currency="GBP")
    deliver()
    assert rows() == [("EUR", 2, 1000), ("GBP", 1, 500)]
    assert [segments.names(uid) for uid in (rich, often, recent)] == [["Ada"]] * 3
    shop().give_back("o2-0", 1, 300)
    deliver()
    assert rows() == [("EUR", 1, 700), ("GBP", 1, 500)]
    assert (segments.names(rich), segments.names(often)) == ([], ["Ada"])


def test_all_purchases_are_read_at_the_start(
    segments: Any, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module("services.purchases"), "PAGE", 2)
    ada, bo, now = customer("Ada"), customer("Bo"), clock.now()
    shop().place("a", ada, now - 3, (100, 1), (200, 1), (300, 1))
    shop().place("b", bo, now - 2, (400, 1))
    shop().place("c", ada, now - 1, (500, 1))
    Prepared("UPDATE event SET delivered_at = 1").run()
    often = segments.make("Often", OFTEN)
    assert segments.names(often) == []
    segments.following.tick()
    segments.purchases.fill_once()
    segments.settle()
    assert rows() == [("EUR", 2, 1100), ("EUR", 1, 400)]
    assert segments.names(often) == ["Ada"]


def test_a_past_set_of_data_is_looked_at_as_of_its_end(site: Any, segments: Any, customer: Customer) -> None:
    day = 1_291_900_800_000
    ada, bo = customer("Ada"), customer("Bo")
    shop().place("a", ada, day - 10 * clock.DAY, (100, 1))
    shop().place("b", bo, day + 5 * clock.DAY, (100, 1))
    recent = segments.make("Recent", RECENT)
    assert segments.names(recent) == []
    store.save("segments", module("schemas").SettingsSchema, {"analysis_date": "2010-12-09"})
    site.refresh()
    segments.following.tick()
    segments.settle()
    assert segments.names(recent) == ["Ada"]
    assert Prepared("SELECT COUNT(*) FROM segments_next").value() == 0
    store.save("segments", module("schemas").SettingsSchema, {})
    site.refresh()


def test_a_rule_over_a_trait_that_is_gone_says_so_and_comes_back(
    site: Any, segments: Any, customer: Customer
) -> None:
    ada = customer("Ada")
    shop().place("a", ada, clock.now(), (100, 1))
    segments.settle()
    recent = segments.make("Recent", RECENT)
    assert segments.names(recent) == ["Ada"]
    plugins.disable(site.config, "orders")
    site.refresh()
    segments.following.tick()
    row = Prepared("SELECT state, fault FROM segments_segment").row()
    assert row is not None
    assert row["state"] == "broken"
    assert "no trait 'segments.last_order'" in row["fault"]
    assert segments.names(recent) == ["Ada"]
    plugins.enable(site.config, "orders")
    site.refresh()
    segments.following.tick()
    segments.settle()
    assert Prepared("SELECT state, fault FROM segments_segment").tuples() == [("ready", "")]
    assert state.rows()["orders"].enabled
