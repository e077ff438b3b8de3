"""Cells changed in place, by several people at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.lists.conftest import add_parcel, parcel

PIECE = {"X-Piece": "1"}

pytestmark = pytest.mark.usefixtures("both_engines")


@pytest.fixture
def site(parcels_site: Any) -> Any:
    add_parcel("A1", weight=1.5)
    return parcels_site


def cell(column: str, uid: str = "p-A1") -> str:
    return f"/lists/parcels.parcels/rows/{uid}/{column}"


def patch(browser: Any, column: str, value: str, version: int) -> Any:
    headers = PIECE | {"X-CSRFToken": browser.csrf_token()}
    return browser.client.patch(
        cell(column), data={"value": value, "version": version}, headers=headers, base_url=browser.site.config.base_url
    )


def test_a_cell_is_changed_and_drawn_again(sign_in: Any) -> None:
    stan = sign_in("Stan", "staff")
    field = stan.get(cell("weight"), headers=PIECE).text
    assert 'value="1.5"' in field
    assert "<html" not in field
    answer = patch(stan, "weight", "2.25", 1)
    assert (answer.status_code, answer.text.strip(), answer.headers["X-Version"]) == (200, "2.25", "2")
    assert parcel("p-A1") | {"weight": 2.25, "version": 2, "changed_by": "Stan"} == parcel("p-A1")
    assert patch(stan, "weight", "", 2).status_code == 200
    assert parcel("p-A1")["weight"] is None


def test_the_second_of_two_editors_sees_who_changed_it_to_what(sign_in: Any) -> None:
    stan, sue = sign_in("Stan", "staff"), sign_in("Sue", "staff")
    assert patch(sue, "state", "called", 1).status_code == 200
    answer = patch(stan, "state", "gone", 1)
    assert answer.status_code == 409
    assert "Sue changed this meanwhile" in answer.text
    assert "Called for" in answer.text
    assert 'name="version" value="2"' in answer.text, "keeping mine is sent with the new version"
    assert parcel("p-A1")["state"] == "called"
    assert patch(stan, "state", "gone", 2).status_code == 200


@pytest.mark.parametrize(
    "column, value, sentence",
    [
        ("weight", "heavy", "needs a number"), ("weight", "101", "at most 100 kg"), ("state", "", "choose a state"),
        ("state", "lost", "has no choice"), ("due", "2026-02-30", "needs a day"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_a_sentence(sign_in: Any, column: str, value: str, sentence: str) -> None:
    answer = patch(sign_in("Stan", "staff"), column, value, 1)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert parcel("p-A1")["version"] == 1


def test_editing_works_without_scripts(sign_in: Any) -> None:
    stan = sign_in("Stan", "staff")
    here = "/parcels/all?sort=-code"
    assert "<html" in stan.get(cell("weight"), query_string={"next": here}).text
    answer = stan.post(cell("weight"), {"value": "3", "version": "1", "next": here})
    assert (answer.status_code, answer.location) == (302, here)
    elsewhere = stan.post(cell("weight"), {"value": "4", "version": "2", "next": "//evil.example"})
    assert elsewhere.location == "/parcels/all"
    assert stan.post(cell("weight"), {"value": "5", "version": "2"}).status_code == 409
    assert parcel("p-A1")["weight"] == 4


@pytest.mark.parametrize(
    "path", [cell("gone"), cell("code"), cell("weight", "p-gone"), "/lists/parcels.gone/rows/p-A1/weight"]
)
def test_what_cannot_be_edited_is_not_there(sign_in: Any, path: str) -> None:
    stan = sign_in("Stan", "staff")
    assert stan.get(path).status_code == 404
    assert stan.post(path, {"value": "1", "version": "1"}).status_code == 404


def test_who_may_not_edit_finds_nothing_to_edit(sign_in: Any, visitor: Any) -> None:
    ada = sign_in("Ada")
    assert "list-pencil" not in ada.get("/parcels/all").text
    assert ada.get(cell("weight")).status_code == 404
    assert patch(ada, "weight", "2", 1).status_code == 404
    assert visitor.get(cell("weight")).status_code == 302
    assert parcel("p-A1")["version"] == 1
