"""Any merges of customers and organisations, undone from the last to the first, leave every row as it was."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import (
    activities,
    changing,
    contacts,
    fields,
    merging,
    models,
    organisations,
    plans,
    reading,
    services,
)
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import ORGANISATION, SUBJECTS, Subject
from ecrm_server.data import Model, Prepared, database
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity.testing import make_account

Person = Callable[..., Actor]
UNCOUNTED = {"version", "updated_at"}
"""They rise with each change, those of a merge and of its undoing too."""
FACTS: dict[str, tuple[Any, ...]] = {
    "email": ("one@x.example", "two@x.example", "Two@x.example", None),
    "phone": ("030 1234567", "040 7654321", None),
    "city": ("Köln", "Bonn", None),
    "street": ("Domstr. 1", None),
    "country": ("DE", "AT", None),
    "language": ("de", None),
    "tags": ("vip", "vip, new", None),
    "x_shoe": ("Boot", "Clog", None),
    "x_likes": (["red"], ["red", "blue"], None),
}


def tables() -> list[str]:
    """Everything that hangs on a customer or an organisation; what remembers merges stays as a trace of them."""
    found = [item for _, item in inspect.getmembers(models, inspect.isclass) if issubclass(item, Model)]
    ours: list[Any] = [
        item for item in found if item.__module__ == models.__name__ and not item.__subclasses__()
    ]
    return [item._meta.table_name for item in ours if item not in (models.Merge, models.DuplicatePair)]


def whole() -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in tables():
        columns = [item.name for item in database.get_columns(table) if item.name not in UNCOUNTED]
        found[table] = sorted(Prepared(f"SELECT {', '.join(columns)} FROM {table}").tuples(), key=repr)
    return found


def made(chance: Random, subject: Subject) -> str:
    """One with a random part of everything that there is."""
    values = {name: chance.choice(values) for name, values in FACTS.items()}
    name = chance.choice(("Cogs", "Cogs GmbH", "Gears"))
    uid = changing.make(SYSTEM, subject, {"name": name, **values})
    changing.change(SYSTEM, subject, uid, None, {"number": chance.choice((uid, None))})
    for _ in range(chance.randrange(3)):
        contacts.add_address(SYSTEM, subject, uid, city=chance.choice(("Ulm", "Graz")))
    for _ in range(chance.randrange(2)):
        contacts.add_point(SYSTEM, subject, uid, kind="email", value=f"{chance.randrange(3)}@y.example")
    for _ in range(chance.randrange(3)):
        activities.log(SYSTEM, subject, uid, Wanted(kind="note", text="Hello", pinned=chance.random() < 0.3))
    if subject is ORGANISATION and chance.random() < 0.5:
        plan = plans.create(SYSTEM, uid, plans.Wanted(title="Grow"))
        plans.add_step(SYSTEM, uid, plan, title="Visit")
    return uid


def world(chance: Random, account_id: int) -> dict[str, list[str]]:
    """Three people and three organisations, with memberships among them; one person may have the account."""
    found = {subject.name: [made(chance, subject) for _ in range(3)] for subject in SUBJECTS.values()}
    if chance.random() < 0.5:
        Prepared("UPDATE customer SET account_id = NULL WHERE account_id = ?").run(account_id)
        Prepared("UPDATE customer SET account_id = ? WHERE uid = ?").run(account_id, found["customer"][0])
    for person in found["customer"]:
        for firm in chance.sample(found["organisation"], chance.randrange(4)):
            organisations.add_member(SYSTEM, firm, person, chance.choice(("member", "admin")))
    return found


def merged(chance: Random, known: dict[str, list[str]]) -> tuple[Subject, str] | None:
    """Merge two of them, if it can be; gives what undoes it."""
    subject = chance.choice(list(SUBJECTS.values()))
    kept, other = chance.sample(known[subject.name], 2)
    take = [name for name in (*FACTS, "name", "number") if chance.random() < 0.4]
    try:
        return subject, merging.merge(SYSTEM, subject, kept, other, take)
    except Refusal:
        return None


@pytest.fixture
def account_id(both_engines: str, site: Any) -> int:
    """Of an account that one of the people may have; both subjects have fields of their own."""
    for subject in SUBJECTS.values():
        fields.add(SYSTEM, subject, fields.Wanted(title="Shoe", kind="text"))
        fields.add(SYSTEM, subject, fields.Wanted(title="Likes", kind="choices", choices="Red\nBlue"))
    site.dispatcher.refresh(wait=True)
    return int(make_account("Ada").id)


@settings(max_examples=12)
@given(chance=st.randoms(use_true_random=False), number=st.integers(1, 5))
def test_undone_from_the_last_to_the_first_every_row_is_as_it_was(
    account_id: int, chance: Random, number: int
) -> None:
    known = world(chance, account_id)
    before = whole()
    done = [merged(chance, known) for _ in range(number)]
    for one in reversed(done):
        if one is not None:
            merging.undo(SYSTEM, *one)
    assert whole() == before


@settings(max_examples=12)
@given(chance=st.randoms(use_true_random=False), number=st.integers(2, 5))
def test_whatever_is_changed_and_undone_in_between_the_rows_agree_with_each_other(
    account_id: int, chance: Random, number: int
) -> None:
    known = world(chance, account_id)
    done = [one for one in (merged(chance, known) for _ in range(number)) if one is not None]
    for one in chance.sample(done, len(done)):
        meddle(chance, known)
        with suppress(Refusal):  # another one comes first
            merging.undo(SYSTEM, *one)
    for name, statement in CONTRADICTIONS.items():
        assert Prepared(statement).tuples() == [], name


def meddle(chance: Random, known: dict[str, list[str]]) -> None:
    """What staff do meanwhile."""
    person, firm = chance.choice(known["customer"]), chance.choice(known["organisation"])
    act = chance.choice((
        lambda: organisations.add_member(SYSTEM, firm, person, "admin"),
        lambda: organisations.remove_member(SYSTEM, firm, person),
        lambda: services.change(SYSTEM, person, city="Rom", name="BOB", tags="new"),
        lambda: contacts.add_address(SYSTEM, ORGANISATION, firm, city="Wien"),
        lambda: last_address_becomes_main(firm),
    ))  # fmt: skip
    with suppress(NotFound):  # no member that could be taken out
        act()


def last_address_becomes_main(firm: str) -> None:
    row = reading.organisation(SYSTEM, firm)
    found = contacts.addresses(SYSTEM, ORGANISATION, row["id"])
    if found:
        contacts.make_main_address(SYSTEM, ORGANISATION, firm, found[-1]["uid"])


CONTRADICTIONS = {
    f"{subject.name}: {fault}": text.format(table=subject.table, own=subject.column)
    for subject in SUBJECTS.values()
    for fault, text in {
        "addresses without a main one": (
            "SELECT {own} FROM address WHERE {own} IS NOT NULL GROUP BY {own}"
            " HAVING SUM(CASE WHEN main THEN 1 ELSE 0 END) <> 1"
        ),
        "another city than that of the main address": (
            "SELECT t.id FROM {table} t LEFT JOIN address a ON a.{own} = t.id AND a.main"
            " WHERE t.merged_into_id IS NULL AND COALESCE(t.city, '') <> COALESCE(a.city, '')"
        ),
        "somebody who was merged has something": (
            "SELECT t.id FROM {table} t WHERE t.merged_into_id IS NOT NULL AND (EXISTS (SELECT 1 FROM membership m"
            " WHERE m.{own} = t.id) OR EXISTS (SELECT 1 FROM activity a WHERE a.{own} = t.id))"
        ),
        "merged into one that was merged": (
            "SELECT t.id FROM {table} t JOIN {table} k ON k.id = t.merged_into_id WHERE k.merged_into_id IS NOT NULL"
        ),
    }.items()
} | {
    "a main organisation without a membership": (
        "SELECT c.id FROM customer c WHERE c.merged_into_id IS NULL AND EXISTS (SELECT 1 FROM membership x"
        " WHERE x.customer_id = c.id OR x.organisation_id = c.organisation_id) AND NOT EXISTS"
        " (SELECT 1 FROM membership m WHERE m.customer_id = c.id AND m.organisation_id = c.organisation_id)"
    ),
    "a key that is not its value's": "SELECT id FROM customer WHERE LOWER(name) <> name_key",
}
