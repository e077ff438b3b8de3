from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import ANONYMOUS, SYSTEM, Actor
from ecrm_server.customers import demo, organisations, paging, services
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Forbidden, NotFound, Refusal
from ecrm_server.events import Event, emit
from ecrm_server.identity import demo as identity_demo
from ecrm_server.identity import profiles
from ecrm_server.kernel import current

Person = Callable[..., Actor]


def test_a_registration_makes_one_customer(person: Person, deliver: Any) -> None:
    ada, staff = person("Ada"), person("Stella", "staff")
    deliver()
    assert ada.account_id is not None
    customer = services.of_account(ada.account_id)
    assert (customer["name"], customer["email"], customer["stage"]) == ("Ada", "ada@example.org", "lead")
    assert services.for_account(ada.account_id) == customer["uid"]
    assert [row["name"] for row in paging.page(staff)[0]] == ["Ada", "Stella"]


def test_a_customer_follows_its_accounts_name(person: Person, deliver: Any) -> None:
    ada = person("Ada")
    deliver()
    profiles.change(ada, name="Ada Byron", handle="ada")
    deliver()
    assert ada.account_id is not None
    assert services.of_account(ada.account_id)["name"] == "Ada Byron"


def test_customers_are_found_by_part_of_name_and_address_in_any_case(person: Person) -> None:
    staff = person("Stella", "staff")
    for name, email in (
        ("Émile Zola", "emile@paris.example"),
        ("Zoë 100%", "zoe@rome.example"),
        ("Zoë 100x", ""),
    ):
        services.create(staff, name, email=email)

    def found(q: str) -> list[str]:
        return [row["name"] for row in paging.page(staff, q=q)[0]]

    assert found("ZOL") == ["Émile Zola"]
    assert found("rome.EX") == ["Zoë 100%"]
    assert found("100%") == ["Zoë 100%"]
    assert found("nobody") == []


def test_pages_of_customers_follow_each_other(person: Person) -> None:
    staff = person("Stella", "staff")
    for name in ("Bo", "Al", "Al", "Cy", "Di"):
        services.create(staff, name)
    seen: list[str] = []
    after = ""
    while True:
        rows, after = paging.page(staff, after=after, limit=2)
        seen += [row["name"] for row in rows]
        if not after:
            break
    assert seen == ["Al", "Al", "Bo", "Cy", "Di"]


def test_only_staff_see_and_change_customers(person: Person) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    uid = services.create(staff, "Bo")
    for actor in (ada, ANONYMOUS):
        with pytest.raises(NotFound):
            services.get(actor, uid)
        with pytest.raises(Forbidden):
            paging.page(actor)
        with pytest.raises(Forbidden):
            services.create(actor, "Cy")
        with pytest.raises(Forbidden):
            services.change(actor, uid, name="Cy")
    assert services.get(staff, uid)["name"] == "Bo"


def test_a_change_is_recorded_and_faults_name_their_field(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    services.change(staff, uid, name="Bo", stage="customer", owner=staff.uid)
    row = services.get(staff, uid)
    assert (row["stage"], row["owner_name"]) == ("customer", "Stella")
    entry = Prepared("SELECT before, after FROM audit_entry WHERE action = 'customers.changed'").row()
    assert entry is not None
    assert '"stage":"lead"' in entry["before"]
    assert '"stage":"customer"' in entry["after"]
    for values, field in (({"name": " "}, "name"), ({"email": "x"}, "email"), ({"stage": "x"}, "stage")):
        with pytest.raises(Refusal) as refused:
            services.change(staff, uid, **({"name": "Bo"} | values))
        assert refused.value.field == field


def test_members_see_their_organisation_and_nothing_of_another(person: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    deliver()
    assert ada.account_id is not None
    own, other = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears", "partner")
    organisations.add_member(staff, own, services.of_account(ada.account_id)["uid"])
    assert organisations.readable(ada, own)["name"] == "Cogs"
    assert [row["name"] for row in organisations.page(ada)[0]] == ["Cogs"]
    assert [set(row) for row in organisations.members(ada, own)] == [{"uid", "name", "role", "joined_at", "handle"}]
    for actor in (ada, ANONYMOUS):
        with pytest.raises(NotFound):
            organisations.readable(actor, other)
        with pytest.raises(NotFound):
            organisations.members(actor, other)
    assert len(organisations.page(staff)[0]) == 2


def test_leaving_the_main_organisation_makes_another_the_main_one(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    first, second = organisations.create(staff, "Cogs"), organisations.create(staff, "Cogs")
    organisations.add_member(staff, first, uid)
    organisations.add_member(staff, second, uid, "admin")
    assert services.get(staff, uid)["organisation_uid"] == first
    organisations.remove_member(staff, first, uid)
    assert services.get(staff, uid)["organisation_uid"] == second
    organisations.remove_member(staff, second, uid)
    assert services.get(staff, uid)["organisation_uid"] is None
    with pytest.raises(NotFound):
        organisations.remove_member(staff, second, uid)


def test_what_a_customer_does_touches_its_live_page(person: Person, deliver: Any) -> None:
    class Sang(Event, name="choir.sang"):
        """Somebody sang."""

    ada = person("Ada")
    deliver()
    with transaction():
        emit(Sang(), actor_id=ada.account_id)
        emit(Sang())
    deliver()
    rows = Prepared("SELECT data FROM event WHERE name = 'customers.touched' AND data LIKE '%choir%'").rows()
    assert len(rows) == 1
    channel = current.generation().channel("customers.customer")
    assert channel is not None
    assert ada.account_id is not None
    uid = services.of_account(ada.account_id)["uid"]
    assert uid in rows[0]["data"]
    assert channel.authorise(person("Stella", "staff"), uid)
    assert not channel.authorise(ada, uid)
    assert not channel.authorise(person("Stephen", "staff"), "nobody")


def test_the_demo_is_labelled_and_removed_as_a_whole(person: Person) -> None:
    staff = person("Stella", "staff")
    services.create(staff, "Bo")
    with transaction():
        identity_demo.load()
        demo.load()
    found = organisations.page(SYSTEM)[0]
    assert found
    assert all(row["demo"] and "demo" not in row["name"].lower() for row in found)
    partner = identity_demo.person("partner")
    partners = Prepared(
        "SELECT o.kind FROM membership m JOIN organisation o ON o.id = m.organisation_id"
        " JOIN customer c ON c.id = m.customer_id WHERE c.account_id = ?"
    )
    assert partners.value(partner.get_id()) == "partner"
    with transaction():
        demo.remove()
        identity_demo.remove()
    assert [row["name"] for row in paging.page(staff)[0]] == ["Bo"]
    assert organisations.page(staff)[0] == []
    assert Prepared("SELECT count(*) FROM membership").value() == 0
