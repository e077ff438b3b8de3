"""The pages and the API of segments, for staff who see everybody and for staff who see only their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.access import services as access
from ecrm_server.customers import fields, merging
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

GERMANS = {"trait": "customers.country", "op": "is", "value": "DE"}
ROW = {"kind:r": "all", "kind:r.0": "condition"}
Customer = Callable[..., str]
SignIn = Callable[..., Browser]


def test_a_segment_is_made_without_scripts(segments: Any, customer: Customer, sign_in: SignIn) -> None:
    customer("Ada", country="DE")
    staff = sign_in("Stella", "staff")
    assert staff.get("/segments/new").status_code == 200
    form = {"kind": "rule", "title": "Germans", "kind:r": "all", "kind:r.0": "condition", "trait:r.0": ""}
    form |= {"trait:r.0": "customers.country", "do": "refresh"}
    page = staff.post("/segments/new", form)
    assert page.status_code == 200
    assert 'name="op:r.0"' in page.text
    del form["do"]
    missing = staff.post("/segments/new", form)
    assert missing.status_code == 422
    assert "Say what Country is compared with." in missing.text
    made = staff.post("/segments/new", form | {"op:r.0": "is", "value:r.0": "DE"})
    assert made.status_code == 303
    segments.settle()
    shown = staff.get(made.headers["Location"]).text
    assert "Country is Germany" in shown
    assert "Ada" in shown
    edited = staff.get(made.headers["Location"] + "/edit").text
    assert '<option value="DE" selected>' in edited


def test_rows_come_and_go_by_buttons(segments: Any, sign_in: SignIn) -> None:
    staff = sign_in("Stella", "staff")
    form = {"kind:r": "all", "kind:r.0": "condition", "trait:r.0": "customers.city", "op:r.0": "is"}
    assert 'name="trait:r.1"' in staff.post("/segments/builder", form | {"do": "condition:r"}).text
    assert 'name="trait:r.1.0"' in staff.post("/segments/builder", form | {"do": "group:r"}).text
    assert 'name="trait:r.0"' not in staff.post("/segments/builder", form | {"do": "remove:r.0"}).text
    for wish in ("remove:r", "remove:r.7", "condition:r.0", "group:x", "condition:r.a", "nothing"):
        assert staff.post("/segments/builder", form | {"do": wish}).status_code == 200


def test_the_preview_counts_and_shows_ten(segments: Any, customer: Customer, sign_in: SignIn) -> None:
    for number in range(12):
        customer(f"Person {number:02}", country="DE")
    staff = sign_in("Stella", "staff")
    form = ROW | {"trait:r.0": "customers.country", "op:r.0": "is", "value:r.0": "DE"}
    text = staff.post("/segments/preview", form).text
    assert "<strong>12</strong>" in text
    assert text.count("/customers/") == 10
    assert "Complete the conditions" in staff.post("/segments/preview", form | {"value:r.0": ""}).text


def test_why_somebody_is_in_it_or_not(segments: Any, customer: Customer, sign_in: SignIn) -> None:
    ada, bo = customer("Ada", country="DE", stage="lapsed"), customer("Bo", country="FR")
    rule = {"all": [GERMANS, {"not": {"trait": "customers.stage", "op": "is", "value": "lead"}}]}
    uid = segments.make("Germans", rule)
    staff = sign_in("Stella", "staff")
    inside = staff.get(f"/segments/{uid}/why/{ada}").text
    assert "Why Ada is in it" in inside
    assert "Country is Germany" in inside
    assert inside.count("why-passed") >= 3
    outside = staff.get(f"/segments/{uid}/why/{bo}").text
    assert "Why Bo is not in it" in outside
    assert "France" in outside
    panel = staff.get(f"/customers/{ada}").text
    assert f"/segments/{uid}/why/{ada}" in panel


@pytest.fixture
def agent(site: Site, sign_in: SignIn) -> Browser:
    """Staff who see only the customers they look after."""
    access.create_role(SYSTEM, "agent", "Agents")
    granted = {"customers.read_own", "segments.read", "segments.edit"}
    access.set_permissions(
        SYSTEM, {"agent": granted}, list(current.generation().registry.permissions.values()), {}
    )
    site.dispatcher.refresh(wait=True)
    return sign_in("Olga", "agent")


def test_staff_see_only_their_own_customers_in_segments(
    segments: Any, customer: Customer, agent: Browser
) -> None:
    olga = Prepared("SELECT uid FROM profile WHERE name = 'Olga'").value()
    mine = customer("Mine", country="DE", owner=olga)
    other = customer("Secret Person", country="DE")
    uid = segments.make("Germans", GERMANS)
    form = ROW | {"trait:r.0": "customers.country", "op:r.0": "is", "value:r.0": "DE"}
    pages = [
        agent.get("/segments/"), agent.get(f"/segments/{uid}"), agent.get(f"/segments/{uid}/members"),
        agent.get(f"/segments/{uid}?after={other}"), agent.post("/segments/preview", form),
        agent.get("/api/v1/segments/segments"), agent.get(f"/api/v1/segments/segments/{uid}"),
        agent.get(f"/api/v1/segments/segments/{uid}/members"),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        assert "Secret Person" not in page.text
        assert other not in page.text
    assert "<strong data-count>1</strong>" in pages[1].text
    assert mine in pages[1].text
    assert "<strong>1</strong>" in pages[4].text
    assert pages[6].json["count"] == 1
    assert [item["uid"] for item in pages[7].json["items"]] == [mine]
    assert agent.get(f"/segments/{uid}/why/{other}").status_code == 404
    assert agent.get(f"/api/v1/segments/segments/{uid}/why/{other}").status_code == 404
    fair = segments.make("Fair")
    assert agent.post(f"/segments/{fair}/members/{other}/add").status_code == 303
    agent.post(f"/segments/{fair}/paste", {"text": other})
    assert segments.names(fair) == []


def test_a_segment_filters_the_list_of_customers(segments: Any, customer: Customer, sign_in: SignIn) -> None:
    ada, ben = customer("Ada", country="DE"), customer("Ben", country="FR")
    rule, fair = segments.make("Germans", GERMANS), segments.make("Fair")
    staff = sign_in("Stella", "staff")
    staff.post(f"/segments/{fair}/members/{ben}/add")
    for uid, member, other in ((rule, ada, ben), (fair, ben, ada)):
        link = re.search(r'href="(/customers\?filter=[^"]+)"', staff.get(f"/segments/{uid}").text)
        assert link is not None
        listed = staff.get(link[1]).text
        assert f"/customers/{member}" in listed
        assert f"/customers/{other}" not in listed
    assert staff.get("/customers?filter=%7B%22segment%22%3A%22gone%22%7D").status_code == 422


def test_what_is_kept_from_somebody_is_neither_asked_nor_explained(
    site: Site, segments: Any, customer: Customer, sign_in: SignIn
) -> None:
    ada = customer("Ada", birthday="1984-03-31")
    uid = segments.make("Born", {"trait": "customers.birthday", "op": "is", "value": "1984-03-31"})
    fields.set_rule(SYSTEM, CUSTOMER, "birthday", ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    staff = sign_in("Stella", "staff")
    assert "1984" not in staff.get(f"/segments/{uid}").text
    why = staff.get(f"/segments/{uid}/why/{ada}")
    assert why.status_code == 422
    assert "1984" not in why.text
    assert "which you may not read" in why.text
    assert 'value="customers.birthday"' not in staff.get("/segments/new").text
    form = ROW | {"kind": "rule", "title": "Spy", "trait:r.0": "customers.birthday"}
    answer = staff.post("/segments/new", form | {"op:r.0": "is not empty"})
    assert answer.status_code == 422
    assert "you cannot ask for it" in answer.text
    form |= {"op:r.0": "is not empty"}
    assert "Ada" not in staff.post("/segments/preview", form).text
    assert staff.get(f"/api/v1/segments/segments/{uid}").json["rule"] is None


def test_two_editors_on_one_segment(segments: Any, sign_in: SignIn) -> None:
    uid = segments.make("Germans", GERMANS)
    staff = sign_in("Stella", "staff")
    form = {"kind": "rule", "uid": uid, "version": "1", "title": "First", "kind:r": "all"}
    assert staff.post(f"/segments/{uid}/edit", form).status_code == 303
    late = staff.post(f"/segments/{uid}/edit", form | {"title": "Second"})
    assert late.status_code == 409
    assert "Somebody else changed this segment meanwhile." in late.text
    assert Prepared("SELECT title FROM segments_segment").value() == "First"


def test_the_api_makes_changes_and_keeps_lists(segments: Any, customer: Customer, sign_in: SignIn) -> None:
    ada = customer("Ada")
    staff = sign_in("Stella", "staff")
    made = staff.post("/api/v1/segments/segments", json={"title": "Fair"})
    assert made.status_code == 201
    path = f"/api/v1/segments/segments/{made.json['uid']}"
    assert staff.post(f"{path}/members", json={"customers": [ada, "nobody"]}).json["changed"] == 1
    assert [item["name"] for item in staff.get(f"{path}/members").json["items"]] == ["Ada"]
    assert staff.get(f"{path}/why/{ada}").json["inside"] is True
    bad = staff.post(
        "/api/v1/segments/segments", json={"title": "X", "rule": {"trait": "customers.gone", "op": "is"}}
    )
    assert bad.status_code == 422
    assert "no trait 'customers.gone'" in bad.text


def test_visitors_and_members_see_nothing(segments: Any, visitor: Browser, sign_in: SignIn) -> None:
    uid = segments.make("Germans", GERMANS)
    member = sign_in("Mia", "member")
    for path in (
        "/segments/",
        f"/segments/{uid}",
        f"/segments/{uid}/members",
        f"/api/v1/segments/segments/{uid}",
    ):
        assert visitor.get(path).status_code in (302, 303, 401, 404)
        assert member.get(path).status_code in (403, 404)


def test_a_merge_takes_lists_along_and_gives_them_back(segments: Any, customer: Customer) -> None:
    ada, twin = customer("Ada"), customer("Ada Twin")
    uid = segments.make("Fair")
    segments.hand.add(SYSTEM, uid, [twin])
    done = merging.merge(SYSTEM, CUSTOMER, ada, twin)
    assert segments.names(uid) == ["Ada"]
    merging.undo(SYSTEM, CUSTOMER, done)
    assert segments.names(uid) == ["Ada Twin"]
