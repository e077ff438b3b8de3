"""Stored views: kept, shared, changed, and nobody else's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.access.groups import add_member, create_group
from ecrm_server.data import Prepared
from tests.core.lists.conftest import add_parcel
from tests.core.lists.test_list_page import ALL, codes, page

HERE = {"filter": '{"trait":"parcels.state","op":"is","value":"here"}', "sort": "-code"}

pytestmark = pytest.mark.usefixtures("both_engines")


@pytest.fixture
def site(parcels_site: Any) -> Any:
    add_parcel("A1")
    add_parcel("B2", "gone")
    add_parcel("C3")
    return parcels_site


def store(browser: Any, shared: str = "nobody", title: str = "At the desk", **state: str) -> str:
    """The public id of a new view."""
    answer = browser.post(
        f"/lists/parcels.parcels/views?{urlencode(state or HERE)}", {"title": title, "shared": shared}
    )
    assert answer.status_code == 302, answer.text[:1000]
    return str(answer.location).rpartition("view=")[2]


def version(uid: str) -> int:
    return int(Prepared("SELECT version FROM list_view WHERE uid = ?").value(uid))


def test_a_view_survives_signing_out(sign_in: Any) -> None:
    ada = sign_in("Ada")
    uid = store(ada)
    again = sign_in(account=ada.account)
    assert codes(page(again, view=uid)) == ["C3", "A1"]
    assert "At the desk" in [tab.get_text(strip=True) for tab in page(again).select(".list-views a")]
    assert codes(page(again, view=uid, sort="code")) == ["A1", "C3"], "the address changes what the view says"
    assert codes(page(again, view=uid, filter="")) == ["C3", "B2", "A1"]


def test_a_view_of_somebody_else_is_not_there(sign_in: Any, visitor: Any) -> None:
    uid = store(sign_in("Ada"))
    bob = sign_in("Bob")
    for browser in (bob, visitor):
        assert browser.get(f"{ALL}?view={uid}").status_code == 404
        assert browser.get(f"/lists/parcels.parcels/export.csv?view={uid}").status_code == 404
    assert bob.post(f"/lists/parcels.parcels/views/{uid}", {"title": "Mine"}).status_code == 404
    assert bob.post(f"/lists/parcels.parcels/views/{uid}/delete").status_code == 404
    assert bob.post("/lists/parcels.parcels/default", {"view": uid}).status_code == 404


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner_alone(sign_in: Any, visitor: Any) -> None:
    staff = sign_in("Stan", "staff")
    uid = store(staff, "everybody")
    bob = sign_in("Bob")
    assert codes(page(visitor, view=uid)) == ["C3", "A1"]
    assert codes(page(bob, view=uid)) == ["C3", "A1"]
    assert bob.post(f"/lists/parcels.parcels/views/{uid}/delete").status_code == 403
    assert bob.post(f"/lists/parcels.parcels/views/{uid}", {"title": "Mine", "version": "1"}).status_code == 403
    denied = bob.post("/lists/parcels.parcels/views", {"title": "For all", "shared": "everybody"})
    assert denied.status_code == 403


def test_a_view_is_shared_with_a_group(sign_in: Any) -> None:
    group = create_group(SYSTEM, "Desk")
    ada, bob, cara = sign_in("Ada"), sign_in("Bob"), sign_in("Cara")
    for browser in (ada, bob):
        add_member(SYSTEM, group, browser.account.id)
    uid = store(ada, group)
    assert codes(page(bob, view=uid)) == ["C3", "A1"]
    assert cara.get(f"{ALL}?view={uid}").status_code == 404
    assert cara.post("/lists/parcels.parcels/views", {"title": "x", "shared": group}).status_code == 422


def test_a_view_is_changed_and_the_second_of_two_changes_is_told(sign_in: Any) -> None:
    ada = sign_in("Ada")
    uid = store(ada)
    path = f"/lists/parcels.parcels/views/{uid}?" + urlencode({"view": uid, "sort": "code"})
    first = {"title": "Renamed", "version": str(version(uid)), "shared": "nobody"}
    assert ada.post(path, first).status_code == 302
    assert codes(page(ada, view=uid)) == ["A1", "C3"]
    assert ada.post(path, first).status_code == 409
    assert ada.post(f"/lists/parcels.parcels/views/{uid}/delete").status_code == 302
    assert ada.get(f"{ALL}?view={uid}").status_code == 404


def test_a_list_opens_with_the_view_that_one_chose(sign_in: Any) -> None:
    ada = sign_in("Ada")
    uid = store(ada)
    ada.post("/lists/parcels.parcels/default", {"view": uid})
    assert codes(page(ada)) == ["C3", "A1"]
    assert codes(page(ada, view="")) == ["A1", "B2", "C3"]
    assert codes(page(sign_in("Bob"))) == ["A1", "B2", "C3"]
    ada.post("/lists/parcels.parcels/default", {"view": ""})
    assert codes(page(ada)) == ["A1", "B2", "C3"]


@pytest.mark.parametrize("title", ["", " ", "x" * 81])
def test_a_view_needs_a_name(sign_in: Any, title: str) -> None:
    assert sign_in("Ada").post("/lists/parcels.parcels/views", {"title": title}).status_code == 422


def test_a_state_that_the_list_does_not_know_is_not_stored(sign_in: Any) -> None:
    answer = sign_in("Ada").post("/lists/parcels.parcels/views?sort=gone", {"title": "x"})
    assert answer.status_code == 422
    assert Prepared("SELECT COUNT(*) FROM list_view").value() == 0


def test_views_go_with_the_account(sign_in: Any) -> None:
    from ecrm_server.lists.hooks import erase_account, export_account

    ada = sign_in("Ada")
    ada.post("/lists/parcels.parcels/default", {"view": store(ada)})
    kept = export_account(ada.account.id, 0)["list_views"]
    assert [(view["title"], view["state"]["sort"]) for view in kept] == [("At the desk", "-code")]
    erase_account(ada.account.id, 0)
    for table in ("list_view", "list_default"):
        assert Prepared(f"SELECT COUNT(*) FROM {table}").value() == 0
