from __future__ import annotations

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
    form = {"organisation": own.rpartition("/")[2], "role": "member"}
    assert staff.post(f"/customers/{customer}/memberships", form).status_code == 302
    assert "Cogs" in member.get(own).text
    assert "Gears" not in member.get("/organisations").text
    answer = member.get(other)
    assert answer.status_code == 404
    assert "Gears" not in answer.text
    assert visitor.get(own).status_code == 302
    assert member.post(f"{own}/edit", {"name": "Mine", "kind": "customer"}).status_code == 403
    assert organisations.readable(actor_of(staff.account), form["organisation"])["name"] == "Cogs"
    assert staff.post(f"/customers/{customer}/memberships/{form['organisation']}/end").status_code == 302
    assert member.get(own).status_code == 404
