from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import activities, organisations, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.errors import PluginError
from ecrm_server.rules import (
    Expression,
    describe,
    explain,
    parse,
    query,
    traits_used,
)
from ecrm_server.rules.catalogue import Traits, check, load, stored, trait_set

Person = Callable[..., Actor]


def people(staff: Actor) -> None:
    north = groups.create_group(SYSTEM, "North")
    services.create(
        staff,
        "Ada",
        email="ada@köln.example",
        city="Köln",
        country="DE",
        tags=["vip", "new"],
        owner=staff.uid,
    )
    services.create(
        staff, "Bo", phone="030 1234567", birthday="1980-03-31", stage="customer", team=north, tags=["vip"]
    )
    cy = services.create(staff, "Cy", number="17", language="de", source="fair", country="AT")
    organisations.add_member(staff, organisations.create(staff, "Ada & Co"), cy)


def test_words_show_texts_as_written_and_names_of_people(person: Person) -> None:
    staff = person("Stella", "staff")
    people(staff)
    known, now = trait_set("customer"), clock.now()
    rule = parse(
        {
            "all": [
                {"trait": "customers.city", "op": "is", "value": "KÖLN"},
                {"trait": "customers.owner", "op": "is", "value": staff.uid},
            ]
        },
        known,
    )
    assert "Stella" in describe(rule)
    row_id = Prepared("SELECT id FROM customer WHERE name = 'Ada'").value()
    found = explain(rule, load("customer", [row_id], traits_used(rule), now)[row_id], now)
    assert found.passed
    assert "Köln" in str(found)


def test_traits_of_the_same_name_keep_a_part_out() -> None:
    trait = stored("parcels.size", "Size", "text", Expression("t.size"))
    with pytest.raises(PluginError):
        check(
            [
                ("one", Traits(kind="customer", traits=[trait])),
                ("two", Traits(kind="customer", traits=[trait])),
            ]
        )


def test_organisations_are_subjects_too(person: Person) -> None:
    people(person("Stella", "staff"))
    known = trait_set("organisation")
    rule = parse({"trait": "organisations.people", "op": ">=", "value": 1}, known)
    text, params = query(rule, clock.now(), "t.name")
    assert Prepared(text).tuples(*params) == [("Ada & Co",)]


def test_rules_ask_for_the_last_call_and_the_last_contact(person: Person) -> None:
    staff, now = person("Stella", "staff"), clock.now()
    days = {"Ada": ("call", 10), "Bo": ("call", 100), "Cy": ("meeting", 10), "Di": ("note", 10)}
    for name, (kind, ago) in days.items():
        uid = services.create(staff, name)
        wanted = activities.Wanted(kind=kind, subject="Spring", at=now - ago * clock.DAY)
        activities.log(staff, CUSTOMER, uid, wanted)
    for trait, found in (("last_call", ["Bo", "Cy", "Di"]), ("last_contact", ["Bo", "Di"])):
        recent = {"trait": f"customers.{trait}", "op": "within last days", "value": 90}
        rule = parse({"not": recent}, trait_set("customer"))
        text, params = query(rule, now, "t.name")
        assert sorted(row[0] for row in Prepared(text).tuples(*params)) == found
