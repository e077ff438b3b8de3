from __future__ import annotations

import re
from typing import Any

from ecrm_server.customers import organisations, services
from ecrm_server.identity.testing import actor_of


def test_staff_make_find_and_change_a_customer(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    refused = staff.post("/customers/new", {"name": "", "email": "x"})
    assert refused.status_code == 422
    made = staff.post("/customers/new", {"name": "Bo <b>", "email": "bo@cogs.example", "stage": "customer"})
    path = made.headers["Location"]
    assert "Bo &lt;b&gt;" in staff.get(path).text
    assert path in staff.get("/customers?q=cogs").text
    assert path not in staff.get("/customers?q=gears").text
    assert staff.post(f"{path}/edit", {"name": "Bo", "stage": "lapsed", "email": ""}).status_code == 302
    assert "Lapsed" in staff.get(path).text
    assert "Customer added" in staff.get(f"{path}/timeline").text
    assert "<html" not in staff.get(f"{path}/timeline").text


def test_customers_are_for_staff(sign_in: Any, visitor: Any) -> None:
    staff, member = sign_in("Stella", "staff"), sign_in("Ada")
    uid = services.create(actor_of(staff.account), "Bo")
    for path in ("/customers", f"/customers/{uid}", f"/customers/{uid}/timeline", "/customers/new"):
        assert visitor.get(path).status_code == 302, path
        assert member.get(path).status_code == 403, path
    assert member.post(f"/customers/{uid}/edit", {"name": "Eve", "stage": "lead"}).status_code == 403
    assert services.get(actor_of(staff.account), uid)["name"] == "Bo"


def test_another_organisation_answers_404(sign_in: Any, visitor: Any, deliver: Any) -> None:
    staff, member = sign_in("Stella", "staff"), sign_in("Ada")
    deliver()
    own = staff.post("/organisations/new", {"name": "Cogs", "kind": "customer"}).headers["Location"]
    other = staff.post("/organisations/new", {"name": "Gears", "kind": "partner"}).headers["Location"]
    customer = services.of_account(member.account.id)["uid"]
    form = {"other": own.rpartition("/")[2], "role": "member"}
    assert staff.post(f"/customers/{customer}/memberships", form).status_code == 302
    assert "Cogs" in member.get(own).text
    assert "Gears" not in member.get("/organisations").text
    answer = member.get(other)
    assert answer.status_code == 404
    assert "Gears" not in answer.text
    assert visitor.get(own).status_code == 302
    assert member.post(f"{own}/edit", {"name": "Mine", "kind": "customer"}).status_code == 403
    assert organisations.readable(actor_of(staff.account), form["other"])["name"] == "Cogs"
    assert staff.post(f"/customers/{customer}/memberships/{form['other']}/end").status_code == 302
    assert member.get(own).status_code == 404


PIECE = {"X-Piece": "1", "Accept": "text/html"}


def test_what_was_typed_is_shown_again_beside_what_is_wrong(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    path = staff.post("/customers/new", {"name": "Bo", "stage": "lead"}).headers["Location"]
    firm = staff.post("/organisations/new", {"name": "Cogs", "kind": "customer"}).headers["Location"]
    for url, typed in (
        (f"{path}/contacts", {"kind": "phone", "value": "no <number>", "label": "Desk"}),
        (f"{path}/addresses", {"street": "Old Road", "city": "x" * 121}),
        (f"{path}/activities", {"kind": "task", "text": "Long words"}),
        (f"{path}/activities", {"kind": "call", "subject": "Hello", "minutes": "many"}),
        (f"{path}/invite", {"email": "nowhere"}),
        (f"{firm}/plans", {"title": "Grow", "goal": "Twice as much", "review_on": "soon"}),
    ):
        refused = staff.post(url, typed)
        assert refused.status_code == 422, url
        assert "field-error" in refused.text, url
        for value in typed.values():
            assert value.replace("<", "&lt;").replace(">", "&gt;") in refused.text, (url, value)
        assert "<html" not in staff.post(url, typed, headers=PIECE).text


def test_a_form_tells_what_another_editor_made_of_it(sign_in: Any) -> None:
    staff, stan = sign_in("Stella", "staff"), sign_in("Stan", "staff")
    path = staff.post("/customers/new", {"name": "Bo", "stage": "lead"}).headers["Location"]
    staff.post(f"{path}/contacts", {"kind": "phone", "value": "+49 30 1234567", "label": "Desk"})
    staff.post(f"{path}/activities", {"kind": "task", "subject": "Call", "due_at": "2026-05-04T10:00"})
    page = staff.get(path).text
    for link in sorted(set(re.findall(rf'href="({path}/(?:contacts|activities)/\w+/edit)"', page))):
        form = staff.get(link).text
        assert 'name="version" value="1"' in form
        changed = {"value": "+49 40 7654321"} if "contacts" in link else {"subject": "Write"}
        mine = {"value": "+49 89 111222"} if "contacts" in link else {"subject": "Visit"}
        assert stan.post(link, changed | {"version": "1"}).status_code == 302
        answer = staff.post(link, mine | {"version": "1"}, headers=PIECE)
        assert answer.status_code == 409
        assert "Stan changed this meanwhile" in answer.text
        assert next(iter(changed.values())) in answer.text
        assert f'value="{next(iter(mine.values()))}"' in answer.text
        kept = staff.post(link, mine | {"version": "2"}, headers=PIECE)
        assert kept.json == {"text": "Saved.", "undo": None}
        assert next(iter(mine.values())) in staff.get(path).text


def test_two_editors_of_different_facts_both_succeed(sign_in: Any) -> None:
    staff, stan = sign_in("Stella", "staff"), sign_in("Stan", "staff")
    path = staff.post("/customers/new", {"name": "Bo", "stage": "lead", "city": "Bonn"}).headers["Location"]
    seen = {"version": "1", "was-name": "Bo", "was-stage": "lead", "was-city": "Bonn", "was-phone": ""}
    same = {"name": "Bo", "stage": "lead", "city": "Bonn", "phone": ""}
    assert stan.post(f"{path}/edit", seen | same | {"city": "Essen"}).status_code == 302
    saved = staff.post(f"{path}/edit", seen | same | {"phone": "+49 30 1234567"})
    assert saved.status_code == 302
    page = staff.get(path).text
    assert "Stan changed this meanwhile; both changes are kept: City" in page
    assert "Essen" in page
    assert "+49 30 1234567" in page
    both = staff.post(f"{path}/edit", seen | same | {"city": "Trier", "stage": "customer"})
    assert both.status_code == 409
    assert "It is now:" in both.text
    assert 'value="Trier"' in both.text
    assert 'name="version" value="3"' in both.text
    assert 'name="was-city" value="Essen"' in both.text
    seen = {"version": "3", "was-name": "Bo", "was-stage": "lead", "was-city": "Essen"}
    mine = {"name": "Bo", "stage": "customer", "city": "Trier"}
    assert staff.post(f"{path}/edit", seen | mine).status_code == 302
    assert "Trier" in staff.get(path).text


def test_what_was_removed_is_put_back_from_the_page(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    path = staff.post("/organisations/new", {"name": "Cogs", "kind": "customer"}).headers["Location"]
    staff.post(f"{path}/contacts", {"kind": "phone", "value": "+49 30 1234567"})
    staff.post(f"{path}/addresses", {"city": "Bonn"})
    staff.post(f"{path}/activities", {"kind": "note", "text": "Likes blue"})
    staff.post(f"{path}/plans", {"title": "Grow"})
    page = staff.get(path).text
    plan = re.findall(rf"{path}/plans/(\w+)/delete", page)[0]
    staff.post(f"{path}/plans/{plan}/steps", {"title": "Visit"})
    page = staff.get(path).text
    removing = sorted(
        set(re.findall(rf'action="({path}/\S+/(?:remove|delete))"', page)), key=len, reverse=True
    )
    assert len(removing) == 5
    for url in removing:
        gone = staff.post(url)
        shown = staff.get(gone.headers["Location"]).text
        back = re.findall(rf'action="({path}/removed/\w+)"', shown)[0]
        assert url not in shown
        assert staff.post(back).status_code == 302
        assert url in staff.get(path).text
        assert staff.post(back).status_code == 422
