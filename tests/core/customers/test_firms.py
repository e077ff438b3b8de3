"""Organisations that may be one, and what becomes of everything when they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.content.names import name_key
from ecrm_server.customers import (
    activities,
    contacts,
    duplicates,
    fields,
    firms,
    matching,
    memberships,
    merging,
    organisations,
    plans,
    reading,
    services,
    timeline,
)
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.kernel import current
from tests.core.lists.conftest import add_parcel, parcels_site

__all__ = ["parcels_site"]
Person = Callable[..., Actor]


@pytest.mark.parametrize("name, bare", [
    ("Cogs", "cogs"), ("Cogs GmbH & Co. KG", "cogs"), ("Cogs Ltd.", "cogs"), ("COGS, Inc.", "cogs"),
    ("Cogs S.A. de C.V.", "cogs"), ("Cogs s. r. o.", "cogs"), ("Cogs Sp. z o.o.", "cogs"), ("Cogs A/S", "cogs"),
    ("Cogs UG (haftungsbeschränkt)", "cogs"), ("Smith and Co", "smith"), ("Smith & Sons", "smith & sons"),
    ("ООО Ромашка", "ромашка"), ("株式会社トヨタ", "トヨタ"), ("SA", "sa"), ("Co & Co", "co"), ("&", "&"),
])  # fmt: skip
def test_a_name_is_compared_without_its_legal_form(name: str, bare: str) -> None:
    assert firms.bare_name(name_key(name)) == bare


@pytest.mark.parametrize("address, domain", [
    ("https://www.cogs.example:8080/shop?x=1", "cogs.example"), ("http://COGS.example", "cogs.example"),
    ("https://facebook.com/cogs", None),
])  # fmt: skip
def test_a_domain_tells_whose_it_is_unless_everybody_has_it(address: str, domain: str | None) -> None:
    assert firms.domain(address) == domain
    assert firms.mail_domain("info@cogs.example") == "cogs.example"
    assert firms.mail_domain("cogs@gmail.com") is None


def found(actor: Actor) -> list[tuple[list[str], int]]:
    words = {text: reason for reason, text in matching.WORDS.items()}
    return [
        ([words[reason] for reason in row["reasons"]], row["score"])
        for row in duplicates.listed(actor, ORGANISATION)
    ]


@pytest.mark.parametrize("one, other, reasons", [
    ({}, {}, ["name"]),
    ({}, {"name": "Cogs GmbH"}, ["bare_name"]),
    ({"name": "Cogs AG", "website": "cogs.example"}, {"name": "COGS S.A.", "email": "hi@cogs.example"},
     ["domain", "other_form"]),
    ({"name": "Cogs AG", "phone": "+49 30 1234567"}, {"name": "Gears", "phone": "030/1234567", "city": "Ulm"}, None),
    ({"name": "Cogwheels", "phone": "+49 30 1234567"}, {"name": "Cogwheel", "phone": "030 1234567"},
     ["phone", "similar_name"]),
    ({"tax_number": "DE 123 456 789"}, {"name": "Wheels", "tax_number": "de123456789"}, ["tax_number"]),
    ({"name": "Cog Works", "postcode": "50667", "street": "Domstr. 1"},
     {"name": "Works Cog Ltd", "postcode": "50667", "street": "Domstr 1"}, ["similar_name", "address"]),
    ({"email": "hi@cogs.example"}, {"name": "Gears", "email": "HI@cogs.example"}, ["email", "domain"]),
    ({"tax_number": "DE1"}, {"tax_number": "DE2"}, None),
    ({"country": "DE"}, {"country": "FR"}, None),
    ({"website": "gmail.com", "name": "Gears"}, {"email": "cogs@gmail.com"}, None),
])  # fmt: skip
def test_organisations_are_candidates_for_reasons(person: Person, one: Any, other: Any, reasons: Any) -> None:
    staff = person("Stella", "staff")
    for values in (one, other):
        organisations.create(staff, **({"name": "Cogs"} | values))
    duplicates.look(ORGANISATION, [row[0] for row in Prepared("SELECT id FROM organisation").tuples()])
    assert [pair[0] for pair in found(staff)] == ([reasons] if reasons else [])


def test_a_change_finds_the_other_one_and_a_dismissed_pair_stays_away(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    cogs, gears = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears")
    deliver()
    assert found(staff) == []
    organisations.change(staff, gears, name="Cogs Ltd")
    deliver()
    [row] = duplicates.listed(staff, ORGANISATION)
    assert {row["first_uid"], row["second_uid"]} == {cogs, gears}
    assert duplicates.listed(staff, CUSTOMER) == []
    with pytest.raises(NotFound):
        duplicates.dismiss(staff, CUSTOMER, row["uid"])
    duplicates.dismiss(staff, ORGANISATION, row["uid"])
    duplicates.look_at(ORGANISATION, cogs)
    assert found(staff) == []


def test_reasons_that_one_may_not_read_count_nothing(person: Person, site: Any) -> None:
    staff = person("Stella", "staff")
    for name in ("Cogs", "Wheels"):
        organisations.create(SYSTEM, name, tax_number="DE123456789", city="Ulm")
    duplicates.look(ORGANISATION, [row[0] for row in Prepared("SELECT id FROM organisation").tuples()])
    assert found(staff) == [(["city", "tax_number"], 90)]
    fields.set_rule(SYSTEM, ORGANISATION, "city", ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    assert found(staff) == [(["tax_number"], 80)]
    assert duplicates.listed(staff, ORGANISATION)[0]["first_city"] is None
    fields.set_rule(SYSTEM, ORGANISATION, "tax_number", ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    assert found(staff) == []


def test_everything_of_a_merged_organisation_stands_with_the_other_one(person: Person, emitted: Any) -> None:
    staff = person("Stella", "staff")
    kept = organisations.create(staff, "Cogs", phone="030 1234567", tags="big", city="Köln", number="7")
    merged = organisations.create(
        staff, "Cogs GmbH", phone="030 7654321", tags="old", city="Bonn", website="cogs.example"
    )
    bo, cy = services.create(staff, "Bo"), services.create(staff, "Cy")
    organisations.add_member(staff, merged, bo, "admin")
    organisations.add_member(staff, kept, cy)
    organisations.add_member(staff, merged, cy, "admin")
    plan = plans.create(staff, merged, plans.Wanted(title="Grow"))
    plans.add_step(staff, merged, plan, title="Visit")
    activities.log(staff, ORGANISATION, merged, activities.Wanted(kind="note", text="Hello"))
    done = merging.merge(staff, ORGANISATION, kept, merged, take=["name"])
    row = reading.organisation(staff, merged)
    assert (row["uid"], row["name"], row["website"], row["number"], row["phone"], row["city"]) == (
        kept, "Cogs GmbH", "https://cogs.example", "7", "030 1234567", "Köln",
    )  # fmt: skip
    assert [item["value"] for item in contacts.points(staff, ORGANISATION, row["id"])] == ["030 7654321"]
    assert [item["city"] for item in contacts.addresses(staff, ORGANISATION, row["id"])] == ["Köln", "Bonn"]
    assert [(item["name"], item["role"]) for item in memberships.of(staff, ORGANISATION, row["id"])] == [
        ("Bo", "admin"), ("Cy", "admin"),
    ]  # fmt: skip
    assert services.get(staff, bo)["organisation_uid"] == kept
    [moved] = plans.listed(row["id"])
    assert (moved["title"], len(moved["steps"])) == ("Grow", 1)
    assert [entry.kind for entry in timeline.collect(staff, organisation_id=row["id"])[0]] == ["note"]
    assert [item["name"] for item in organisations.page(staff)[0]] == ["Cogs GmbH"]
    [event] = emitted("customers.organisations_merged")
    assert event["data"] == {"kept_organisation": kept, "merged_organisation": merged}
    assert merging.undo(staff, ORGANISATION, done) == (kept, merged)
    assert [item["name"] for item in organisations.members(staff, kept)] == ["Cy"]
    assert services.get(staff, bo)["organisation_uid"] == merged
    actions = Prepared("SELECT action, obj_kind, obj_uid FROM audit_entry ORDER BY id DESC LIMIT 1").tuples()
    assert actions == [("customers.organisations_unmerged", "organisation", kept)]


def test_a_merge_of_people_comes_before_one_of_their_organisations(person: Person) -> None:
    staff = person("Stella", "staff")
    kept, merged = organisations.create(staff, "Cogs"), organisations.create(staff, "Cogs GmbH")
    bo, bob = services.create(staff, "Bo"), services.create(staff, "Bob")
    organisations.add_member(staff, merged, bob)
    firms_merged = merging.merge(staff, ORGANISATION, kept, merged)
    people_merged = merging.merge(staff, CUSTOMER, bo, bob)
    with pytest.raises(Refusal, match="'Bob'"):
        merging.undo(staff, ORGANISATION, firms_merged)
    merging.undo(staff, CUSTOMER, people_merged)
    merging.undo(staff, ORGANISATION, firms_merged)
    assert services.get(staff, bob)["organisation_uid"] == merged


def test_only_those_who_see_both_may_merge_them(person: Person, site: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    kept, merged = organisations.create(staff, "Cogs"), organisations.create(staff, "Cogs GmbH")
    with pytest.raises(NotFound):
        merging.merge(staff, ORGANISATION, kept, "nobody")
    with pytest.raises(NotFound):
        merging.merge(staff, CUSTOMER, kept, merged)
    for act in (merging.merge, merging.preview):
        with pytest.raises(Forbidden):
            act(ada, ORGANISATION, kept, merged)
    done = merging.merge(staff, ORGANISATION, kept, merged)
    with pytest.raises(NotFound):
        merging.undo(staff, CUSTOMER, done)
    with pytest.raises(Refusal):
        merging.merge(staff, ORGANISATION, kept, merged)


def test_what_plugins_keep_of_an_organisation_moves_and_comes_back(parcels_site: Any) -> None:
    kept = organisations.create(SYSTEM, "Cogs", email="hi@cogs.example")
    merged = organisations.create(SYSTEM, "Cogs Ltd", email="hi@cogs-ltd.example")
    parcel = add_parcel("one")
    Prepared("UPDATE parcels_parcel SET sender = 'hi@cogs-ltd.example' WHERE uid = ?").run(parcel)
    sender = Prepared("SELECT sender FROM parcels_parcel WHERE uid = ?")
    done = merging.merge(SYSTEM, ORGANISATION, kept, merged)
    assert sender.value(parcel) == "hi@cogs.example"
    merging.undo(SYSTEM, ORGANISATION, done)
    assert sender.value(parcel) == "hi@cogs-ltd.example"


def test_a_plugin_that_cannot_move_its_rows_stops_the_merge(
    parcels_site: Any,
) -> None:
    kept, merged = organisations.create(SYSTEM, "Cogs"), organisations.create(SYSTEM, "Cogs Ltd")
    Prepared("DROP TABLE parcels_parcel").run()
    with pytest.raises(Exception, match="parcels_parcel"):
        merging.merge(SYSTEM, ORGANISATION, kept, merged)
    assert reading.organisation(SYSTEM, merged)["uid"] == merged
    assert Prepared("SELECT COUNT(*) FROM customer_merge").value() == 0


def test_old_addresses_lead_to_the_kept_organisation_for_its_members_too(sign_in: Any, deliver: Any) -> None:
    staff, member = sign_in("Stella", "staff"), sign_in("Ada")
    deliver()
    kept, merged = organisations.create(SYSTEM, "Cogs"), organisations.create(SYSTEM, "Cogs GmbH")
    organisations.add_member(SYSTEM, merged, services.of_account(member.account.id)["uid"])
    assert member.get(f"/organisations/{merged}").status_code == 200
    preview = staff.get(f"/organisations/{kept}/merge/{merged}").text
    assert "1 person" in preview
    answer = staff.post(f"/organisations/{kept}/merge/{merged}", {"take": "name"})
    assert answer.headers["Location"] == f"/organisations/{kept}"
    for browser in (staff, member):
        moved = browser.get(f"/organisations/{merged}")
        assert (moved.status_code, moved.headers["Location"]) == (301, f"/organisations/{kept}")
        assert "Cogs GmbH" in browser.get(f"/organisations/{kept}").text
    assert "Undo" in staff.get(f"/organisations/{kept}").text
    uid = Prepared("SELECT uid FROM customer_merge").value()
    assert staff.post(f"/customers/merges/{uid}/undo").status_code == 404
    assert staff.post(f"/organisations/merges/{uid}/undo").status_code == 302
    assert member.get(f"/organisations/{kept}").status_code == 404


def test_both_live_pages_hear_of_a_merge(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    kept, merged = organisations.create(staff, "Cogs"), organisations.create(staff, "Cogs GmbH")
    channel = current.generation().channel("customers.organisation")
    assert channel is not None
    before = {uid: channel.position(uid) for uid in (kept, merged)}
    merging.merge(staff, ORGANISATION, kept, merged)
    deliver()
    assert all(channel.position(uid) > before[uid] for uid in (kept, merged))


def test_a_tax_number_is_found_however_it_was_written(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = organisations.create(staff, "Cogs", tax_number=" DE 123.456/789 ")
    assert reading.organisation(staff, uid)["tax_number"] == "DE 123.456/789"
    assert Prepared("SELECT tax_number_key FROM organisation").value() == "de123456789"
    with pytest.raises(Refusal):
        organisations.change(staff, uid, tax_number="none")
    with pytest.raises(Conflict):
        organisations.change(staff, uid, version=7, tax_number="DE1")
