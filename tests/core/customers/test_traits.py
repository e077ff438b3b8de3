from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import organisations, services
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
