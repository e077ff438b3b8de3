"""Who belongs to which organisation, seen and changed from the pages of both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import fields, memberships, organisations, services
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared
from ecrm_server.errors import Forbidden, NotFound

Person = Callable[..., Actor]


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def found(actor: Actor, subject: Subject, uid: str, q: str) -> list[str]:
    return names(memberships.found(actor, subject, uid, q))


def test_who_can_be_added_is_found_by_name_address_and_number(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    cogs = organisations.create(staff, "Cogs")
    bo = services.create(staff, "Bo Derek", email="bo@cogs.example", number="K-1")
    services.create(staff, "Derek Bo")
    deliver()
    assert sorted(found(staff, ORGANISATION, cogs, "dere")) == ["Bo Derek", "Derek Bo"]
    assert found(staff, ORGANISATION, cogs, " BO@cogs.example") == ["Bo Derek"]
    assert found(staff, ORGANISATION, cogs, "k-1") == ["Bo Derek"]
    assert found(staff, ORGANISATION, cogs, " ") == []
    organisations.add_member(staff, cogs, bo)
    assert found(staff, ORGANISATION, cogs, "dere") == ["Derek Bo"]
    assert found(staff, ORGANISATION, cogs, "k-1") == []
    assert found(staff, CUSTOMER, bo, "co") == []
    organisations.create(staff, "Cogs II")
    deliver()
    assert found(staff, CUSTOMER, bo, "co") == ["Cogs II"]


def test_nobody_is_found_by_what_is_kept_from_one(person: Person, site: Any, deliver: Any) -> None:
    staff = person("Stella", "staff")
    cogs = organisations.create(staff, "Cogs")
    services.create(staff, "Bo", email="xy@cogs.example", city="Ulm")
    deliver()
    fields.set_rule(SYSTEM, CUSTOMER, "email", ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    assert found(staff, ORGANISATION, cogs, "xy@cogs.example") == []
    assert [row["about"] for row in memberships.found(staff, ORGANISATION, cogs, "Bo")] == ["Ulm"]


def test_a_long_list_says_that_there_are_more(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    cogs = organisations.create(staff, "Cogs")
    for number in range(memberships.FOUND + 5):
        services.create(staff, f"Bo {number:02}")
    deliver()
    assert len(found(staff, ORGANISATION, cogs, "bo")) == memberships.FOUND + 1


def test_a_role_changes_and_an_ended_membership_comes_back_as_it_was(person: Person, emitted: Any) -> None:
    staff = person("Stella", "staff")
    cogs, gears = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears")
    bo = services.create(staff, "Bo")
    with pytest.raises(NotFound):
        memberships.change_role(staff, cogs, bo, "admin")
    organisations.add_member(staff, cogs, bo)
    organisations.add_member(staff, cogs, bo)
    assert len(emitted("customers.member_added")) == 1
    memberships.change_role(staff, cogs, bo, "admin")
    organisations.add_member(staff, gears, bo)
    row_id = services.get(staff, bo)["id"]
    before = memberships.of(staff, CUSTOMER, row_id)
    assert [(row["name"], row["role"], bool(row["main"])) for row in before] == [
        ("Cogs", "admin", True), ("Gears", "member", False),
    ]  # fmt: skip
    kept = memberships.end(staff, CUSTOMER, cogs, bo)
    assert services.get(staff, bo)["organisation_uid"] == gears
    data = Prepared("SELECT data FROM customer_removed WHERE uid = ?").value(kept)
    assert "admin" in data
    with pytest.raises(NotFound):
        memberships.end(staff, CUSTOMER, cogs, bo)


def test_another_organisation_can_be_the_main_one(person: Person, emitted: Any) -> None:
    staff = person("Stella", "staff")
    cogs, gears = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears")
    bo = services.create(staff, "Bo")
    organisations.add_member(staff, cogs, bo)
    with pytest.raises(NotFound):
        memberships.make_main(staff, gears, bo)
    organisations.add_member(staff, gears, bo)
    memberships.make_main(staff, gears, bo)
    assert services.get(staff, bo)["organisation_uid"] == gears
    assert emitted("customers.changed")[-1]["data"]["fields"] == ["organisation"]


def test_memberships_are_changed_by_staff(person: Person) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    cogs, bo = organisations.create(staff, "Cogs"), services.create(staff, "Bo")
    organisations.add_member(staff, cogs, bo)
    for act in (
        lambda: memberships.found(ada, ORGANISATION, cogs, "b"),
        lambda: memberships.change_role(ada, cogs, bo, "admin"),
        lambda: memberships.make_main(ada, cogs, bo),
        lambda: memberships.end(ada, ORGANISATION, cogs, bo),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize("area", ["organisations", "customers"])
def test_both_pages_add_change_end_and_put_back_without_a_script(sign_in: Any, deliver: Any, area: str) -> None:
    staff = sign_in("Stella", "staff")
    cogs, bo = organisations.create(SYSTEM, "Cogs & Co"), services.create(SYSTEM, "Bo <b>")
    deliver()
    uid, other, name = (cogs, bo, "Bo &lt;b&gt;") if area == "organisations" else (bo, cogs, "Cogs &amp; Co")
    base = f"/{area}/{uid}"
    page = staff.get(f"{base}/memberships/new", query_string={"q": "bo" if area == "organisations" else "cogs"})
    assert name in page.text
    assert "<html" in page.text
    assert "<html" not in staff.get(f"{base}/memberships/new?q=b", headers={"HX-Request": "true"}).text
    added = staff.post(f"{base}/memberships", {"other": other, "role": "member"})
    assert added.headers["Location"] == base
    assert name in staff.get(base).text
    refused = staff.post(f"{base}/memberships/{other}/edit", {"role": "king"})
    assert refused.status_code == 422
    assert staff.post(f"{base}/memberships/{other}/edit", {"role": "admin"}).status_code == 302
    assert Prepared("SELECT role FROM membership").value() == "admin"
    ended = staff.post(f"{base}/memberships/{other}/end").headers["Location"]
    assert Prepared("SELECT COUNT(*) FROM membership").value() == 0
    assert "Undo" in staff.get(ended).text
    assert staff.post(f"{base}/removed/{ended.partition('=')[2]}").status_code == 302
    assert Prepared("SELECT role FROM membership").value() == "admin"
    assert staff.post(f"{base}/memberships", {"other": "nobody"}).status_code == 404
    assert staff.post(f"{base}/memberships", {"other": ""}).status_code == 422
