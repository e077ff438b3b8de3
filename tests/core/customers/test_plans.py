from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.customers import organisations, plans, reading
from ecrm_server.customers.plans import Wanted
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal

Person = Callable[..., Actor]


def test_a_plan_has_goal_owner_steps_and_a_day_of_review(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = organisations.create(staff, "Cogs")
    row_id = reading.organisation(staff, uid)["id"]
    later = plans.create(staff, uid, Wanted(title="Later", review_on="2027-01-01"))
    plan = plans.create(
        staff, uid, Wanted(title="Twice the orders", goal="By June", owner=staff.uid, review_on="2026-12-01")
    )
    step = plans.add_step(staff, uid, plan, title="Visit", due_on="2026-11-30", owner=staff.uid)
    plans.add_step(staff, uid, plan, title="Offer")
    plans.finish_step(staff, uid, plan, step, True)
    first, second = plans.listed(row_id)
    assert (first["title"], first["owner_name"], second["uid"]) == ("Twice the orders", "Stella", later)
    assert [(item["title"], item["done_at"] is not None) for item in first["steps"]] == [
        ("Visit", True),
        ("Offer", False),
    ]
    assert [(row["title"], row["done"], row["steps"]) for row in plans.due(staff)] == [
        ("Twice the orders", 1, 2),
        ("Later", 0, 0),
    ]
    plans.change(staff, uid, plan, Wanted(title="Twice the orders", state="reached"), first["version"])
    with pytest.raises(Conflict):
        plans.change(staff, uid, plan, Wanted(title="Mine"), first["version"])
    assert [row["title"] for row in plans.due(staff)] == ["Later"]
    plans.delete(staff, uid, later)
    assert plans.due(staff) == []


def test_plans_are_checked_and_for_staff(person: Person) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    uid, other = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears")
    plan = plans.create(staff, uid, Wanted(title="Grow"))
    for wanted, field in (
        (Wanted(title=" "), "title"), (Wanted(title="x", review_on="soon"), "review_on"),
        (Wanted(title="x", owner="nobody"), "owner"), (Wanted(title="x", state="y"), "state"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            plans.create(staff, uid, wanted)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        plans.add_step(staff, other, plan, title="Visit")
    with pytest.raises(Forbidden):
        plans.create(ada, uid, Wanted(title="Mine"))
    with pytest.raises(Forbidden):
        plans.due(ada)


def test_plans_stand_on_the_page_of_the_organisation(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    base = staff.post("/organisations/new", {"name": "Cogs", "kind": "customer"}).headers["Location"]
    assert staff.post(f"{base}/plans", {"title": "Grow", "review_on": "2026-12-01"}).status_code == 302
    page = staff.get(base).text
    assert "Grow" in page
    assert "Cogs" in staff.get("/organisations/plans").text
