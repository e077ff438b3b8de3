"""The page of a list: the sample plugin's parcels."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from tests.core.lists.conftest import add_parcel

ALL = "/parcels/all"


@pytest.fixture
def site(parcels_site: Any) -> Any:
    return parcels_site


def page(browser: Any, status: int = 200, **arguments: Any) -> BeautifulSoup:
    if isinstance(arguments.get("filter"), dict):
        arguments["filter"] = json.dumps(arguments["filter"])
    answer = browser.get(f"{ALL}?{urlencode(arguments)}")
    assert answer.status_code == status, answer.text[:2000]
    return BeautifulSoup(answer.text, "lxml")


def codes(found: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in found.select("[data-row] [data-open]")]


def test_an_empty_list_says_so(visitor: Any) -> None:
    assert "No parcels yet" in visitor.get(ALL).text


def test_rows_are_sorted_filtered_searched_and_their_columns_chosen(visitor: Any) -> None:
    add_parcel("B2", weight=2.5)
    add_parcel("A1", "gone", weight=1)
    add_parcel("C3")
    assert codes(page(visitor)) == ["A1", "B2", "C3"]
    assert codes(page(visitor, sort="-weight")) == ["B2", "A1", "C3"], "empty stands last"
    assert codes(page(visitor, q="b2")) == ["B2"]
    assert codes(page(visitor, filter={"trait": "parcels.state", "op": "is", "value": "here"})) == ["B2", "C3"]
    shown = page(visitor, columns="weight,code")
    assert [head.get_text(strip=True) for head in shown.select("thead th")] == ["Weight in kg", "Code"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"sort": "gone"}, {"columns": "code,gone"}, {"group": "gone"}, {"group": "weight"}, {"layout": "board"},
        {"filter": "x"}, {"filter": "[]"}, {"after": "x"}, {"q": "x" * 201},
        {"filter": {"trait": "parcels.gone", "op": "is", "value": 1}},
        {"filter": {"trait": "parcels.weight", "op": "like", "value": 1}},
        {"trait": "parcels.gone", "op": "is", "value": "1"},
    ],
)  # fmt: skip
def test_what_the_list_does_not_know_is_refused_with_a_sentence(visitor: Any, arguments: dict[str, Any]) -> None:
    add_parcel("A1")
    found = page(visitor, 422, **arguments)
    assert codes(found) == []
