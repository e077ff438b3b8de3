from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import (
    activities,
    contacts,
    facts,
    merging,
    organisations,
    paging,
    personal,
    rows,
    services,
)
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, NotFound, Refusal
from ecrm_server.identity.actors import of_account

Person = Callable[..., Actor]
FULL = {
    "number": "K-17850", "email": "bo@cogs.example", "phone": "+49 (30) 123 45 67", "birthday": "1980-03-31",
    "language": "pt_br", "country": "de", "city": "Köln", "street": "Domstr. 1", "postcode": "50667",
    "source": "fair", "tags": "VIP, early bird, vip",
}  # fmt: skip


def test_facts_are_stored_in_their_forms(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", **FULL)
    row = services.get(staff, uid)
    found = {
        name: row[name] for name in ("number", "phone", "birthday", "language", "country", "city", "version")
    }
    assert found == {
        "number": "K-17850", "phone": "+49 (30) 123 45 67", "birthday": "1980-03-31", "language": "pt-BR",
        "country": "DE", "city": "Köln", "version": 1,
    }  # fmt: skip
    assert rows.values(facts.CUSTOMER, [row])[0]["street"] == "Domstr. 1"
    tags = Prepared("SELECT tag FROM customer_tag ORDER BY tag").tuples()
    assert tags == [("early bird",), ("vip",)]
    assert Prepared("SELECT phone_key, city_key FROM customer WHERE uid = ?").tuples(uid) == [
        ("301234567", "köln")
    ]


def test_only_what_is_given_changes_and_the_event_names_it(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", **FULL)
    assert services.change(staff, uid, city="Bonn", tags=["vip"], street="Am Markt 2") == 2
    assert services.change(staff, uid, city="Bonn", tags=["vip"]) == 2
    row = services.get(staff, uid)
    assert (row["city"], row["country"], row["email"], row["version"]) == ("Bonn", "DE", "bo@cogs.example", 2)
    address = rows.values(facts.CUSTOMER, [row])[0]
    assert (address["street"], address["postcode"], address["city"]) == ("Am Markt 2", "50667", "Bonn")
    data = Prepared("SELECT data FROM event WHERE name = 'customers.changed'").value()
    assert '"fields":["city","street","tags"]' in data


def test_two_editors_are_told_apart(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    assert services.change(staff, uid, version=1, name="Bob") == 2
    with pytest.raises(Conflict):
        services.change(staff, uid, version=1, name="Rob")
    assert services.get(staff, uid)["name"] == "Bob"


def test_a_number_is_one_customers(person: Person) -> None:
    staff = person("Stella", "staff")
    services.create(staff, "Bo", number="k1")
    other = services.create(staff, "Cy")
    for attempt in (
        lambda: services.create(staff, "Di", number="K1"),
        lambda: services.change(staff, other, number="K1"),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.field == "number"


@pytest.mark.parametrize(
    "name, value",
    [
        ("phone", "call me"), ("birthday", "1980-02-30"), ("country", "XX"), ("language", "x"), ("owner", "nobody"),
        ("team", "nobody"), ("stage", ""), ("name", "\u200b"), ("nonsense", "1"), ("tags", "x" * 41),
    ],
)  # fmt: skip
def test_each_fault_names_its_field(person: Person, name: str, value: str) -> None:
    staff = person("Stella", "staff")
    values = {"name": "Bo"} | {name: value}
    with pytest.raises(Refusal) as refused:
        services.create(staff, **values)
    assert list(refused.value.errors) == [name]


def test_organisations_have_the_same_facts(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = organisations.create(staff, "Cogs", "partner", website="cogs.example", country="AT", number="7")
    organisations.change(staff, uid, version=1, city="Wien", stage="lead")
    row = organisations.readable(staff, uid)
    assert (row["website"], row["city"], row["country"], row["stage"], row["kind"]) == (
        "https://cogs.example", "Wien", "AT", "lead", "partner",
    )  # fmt: skip


def seen(actor: Actor) -> list[str]:
    return [row["name"] for row in paging.page(actor)[0]]


def test_rows_are_seen_by_owner_group_or_all(person: Person, seller: Person) -> None:
    staff = person("Stella", "staff")
    own, team = seller("Olaf", "customers.read_own"), seller("Tess", "customers.read_team")
    north = groups.create_group(SYSTEM, "North")
    for member in (team, own):
        groups.add_member(SYSTEM, north, member.account_id or 0)
    team = of_account(team.account_id or 0)
    uids = {
        "Of Olaf": services.create(staff, "Of Olaf", owner=own.uid),
        "Of Tess": services.create(staff, "Of Tess", owner=team.uid),
        "Of North": services.create(staff, "Of North", team=north),
        "Of nobody": services.create(staff, "Of nobody"),
    }
    assert seen(own) == ["Of Olaf"]
    assert seen(team) == ["Of North", "Of Olaf", "Of Tess"]
    assert set(seen(staff)) == set(uids)
    for actor, name in ((own, "Of Tess"), (team, "Of nobody")):
        with pytest.raises(NotFound):
            services.get(actor, uids[name])


def test_a_copy_of_the_own_data_holds_it_all_and_erasing_leaves_nothing(person: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    deliver()
    account_id = ada.account_id or 0
    uid = services.of_account(account_id)["uid"]
    services.change(staff, uid, **{name: value for name, value in FULL.items() if name != "email"})
    contacts.add_point(staff, facts.CUSTOMER, uid, kind="email", value="ada@home.example")
    activities.log(staff, facts.CUSTOMER, uid, activities.Wanted(kind="note", text="Likes trains"))
    merging.merge(staff, facts.CUSTOMER, uid, services.create(staff, "Ada L.", email="ada@old.example"))
    told = json.dumps(personal.export(account_id), ensure_ascii=False)
    for text in ("K-17850", "Domstr. 1", "early bird", "ada@home.example", "Likes trains", "1980-03-31"):
        assert text in told, text
    with transaction():
        personal.erase(account_id)
    left = json.dumps(personal.export(account_id), ensure_ascii=False)
    tables = ("customer", "customer_merge", "contact_point", "address")
    left += str([row for table in tables for row in Prepared(f"SELECT * FROM {table}").tuples()])
    for text in ("Ada", "K-17850", "Domstr. 1", "early bird", "ada@", "Likes trains", "1980-03-31", "Köln"):
        assert text not in left, text


def test_erasing_forgets_what_merges_and_imports_remember_of_customers_who_turned_out_to_be_the_person(
    person: Person, deliver: Any, bring: Any
) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    deliver()
    uid = services.of_account(ada.account_id or 0)["uid"]
    bring("customers", "Number,Name,City\n1,Lady Lovelace,Marylebone\n2,Countess,Ockham\n")
    bring("customers", "Number,Name,City\n1,Lovelace,Surrey\n")
    imported = dict(Prepared("SELECT number, uid FROM customer").tuples())
    merging.merge(staff, facts.CUSTOMER, imported["1"], imported["2"])
    merging.merge(staff, facts.CUSTOMER, uid, imported["1"])
    with transaction():
        personal.erase(ada.account_id or 0)
    tables = ("customer", "customer_merge", "import_change")
    left = str([row for table in tables for row in Prepared(f"SELECT * FROM {table}").tuples()])
    for text in ("Lovelace", "Marylebone", "Countess", "Ockham", imported["1"], imported["2"]):
        assert text not in left, text
