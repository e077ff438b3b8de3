from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import organisations, services
from ecrm_server.data import Prepared
from ecrm_server.errors import PluginError
from ecrm_server.rules import (
    Expression,
    Trait,
    describe,
    evaluate,
    explain,
    parse,
    query,
    traits_used,
    words_for,
)
from ecrm_server.rules.catalogue import Traits, check, load, stored, subjects, trait_set

Person = Callable[..., Actor]
VALUES: dict[str, list[Any]] = {
    "text": ["ada", "köln"], "choice": ["DE", "lead", "customer"], "set": [["vip"], ["vip", "new"]],
    "date": ["1980-03-31"], "boolean": [True], "integer": [1],
}  # fmt: skip


def condition(trait: Trait, word: str) -> dict[str, Any] | None:
    """One condition with this word, with a value that fits where it takes one of ours."""
    if word.startswith("is ") and word.endswith("empty"):
        return {"trait": trait.name, "op": word}
    values = [
        value
        for value in VALUES.get(trait.kind, [])
        if not trait.choices or trait.kind == "set" or value in trait.choices
    ]
    for value in (*values, values, 30, [1, 40], [values, values]):
        tree = {"trait": trait.name, "op": word, "value": value}
        try:
            parse(tree, trait_set("customer"))
        except Exception:  # not what this word takes
            continue
        return tree
    return None


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


def test_memory_and_sql_agree_for_each_trait_and_word(person: Person) -> None:
    people(person("Stella", "staff"))
    known, now = trait_set("customer"), clock.now()
    ids = [row[0] for row in Prepared("SELECT id FROM customer ORDER BY id").tuples()]
    tried = 0
    for trait in known:
        for word in words_for(trait.kind):
            tree = condition(trait, word)
            if tree is None:
                continue
            rule = parse(tree, known)
            text, params = query(rule, now, "t.id", also=subjects("customer").present)
            loaded = load("customer", ids, traits_used(rule), now)
            assert sorted(row[0] for row in Prepared(text).tuples(*params)) == [
                row_id for row_id in ids if evaluate(rule, loaded[row_id], now)
            ], (trait.name, word)
            tried += 1
    assert tried > 100


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
