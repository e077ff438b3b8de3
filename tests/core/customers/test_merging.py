"""Duplicates, merging them, and undoing it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import (
    activities,
    contacts,
    duplicates,
    matching,
    memberships,
    merging,
    organisations,
    paging,
    services,
    threads,
)
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.errors import Forbidden, NotFound, Refusal

Person = Callable[..., Actor]
TABLES = ("customer", "contact_point", "address", "customer_tag", "custom_choice", "membership", "activity")


def pairs(actor: Actor) -> list[tuple[str, str, int]]:
    return [
        (row["first_name"], row["second_name"], row["score"]) for row in duplicates.listed(actor, CUSTOMER)
    ]


def look() -> None:
    duplicates.look(CUSTOMER, [row[0] for row in Prepared("SELECT id FROM customer ORDER BY id").tuples()])


@pytest.mark.parametrize("one, other, reasons", [
    ({"email": "bo@cogs.example"}, {"name": "Robert", "email": "BO@cogs.example"}, ["email"]),
    ({"phone": "+49 30 1234567"}, {"phone": "030 1234567"}, ["phone", "name"]),
    ({"name": "Bo Derek", "postcode": "50667", "street": "Domstr. 1"},
     {"name": "Derek, Bo", "postcode": "50667", "street": "Domstr 1"}, ["similar_name", "address"]),
    ({"birthday": "1980-03-31"}, {"birthday": "1980-03-31"}, ["name", "birthday"]),
])  # fmt: skip
def test_candidates_have_reasons(person: Person, one: Any, other: Any, reasons: list[str]) -> None:
    staff = person("Stella", "staff")
    services.create(staff, **({"name": "Bo"} | one))
    services.create(staff, **({"name": "Bo"} | other))
    look()
    [row] = duplicates.listed(staff, CUSTOMER)
    assert row["reasons"] == [matching.WORDS[reason] for reason in reasons]


@pytest.mark.parametrize("one, other", [
    ({}, {}),
    ({"city": "Köln"}, {"city": "Köln"}),
    ({"email": "bo@cogs.example", "birthday": "1980-03-31"}, {"email": "bo@cogs.example", "birthday": "2001-01-01"}),
])  # fmt: skip
def test_a_common_name_alone_is_no_reason_and_birthdays_tell_apart(
    person: Person, one: Any, other: Any
) -> None:
    staff = person("Stella", "staff")
    services.create(staff, "Bo", **one)
    services.create(staff, "Bo", **other)
    look()
    assert pairs(staff) == []


def test_a_change_finds_them_and_a_dismissed_pair_stays_away(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    other = services.create(staff, "Bo Derek", email="home@bo.example")
    point = contacts.add_point(staff, CUSTOMER, uid, kind="email", value="HOME@bo.example")
    services.change(staff, uid, name="Robert")
    deliver()
    assert pairs(staff) == [("Robert", "Bo Derek", 60)]
    contacts.remove_point(staff, CUSTOMER, uid, point)
    deliver()
    assert pairs(staff) == []
    services.change(staff, uid, email="home@bo.example")
    deliver()
    [row] = duplicates.listed(staff, CUSTOMER)
    assert {row["first_uid"], row["second_uid"]} == {uid, other}
    duplicates.dismiss(staff, CUSTOMER, row["uid"])
    look()
    assert pairs(staff) == []


def whole() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that stands in the tables, without what rises with each change."""
    columns = (
        "uid, name, name_key, number_key, email_key, phone_key, city, country, birthday, stage, account_id, created_at,"
        " organisation_id, merged_into_id"
    )
    found = {"customer": Prepared(f"SELECT {columns} FROM customer ORDER BY id").tuples()}
    for table in TABLES[1:]:
        found[table] = sorted(Prepared(f"SELECT * FROM {table}").tuples(), key=str)
    return found


def test_a_merge_moves_everything_and_undoing_it_brings_everything_back(person: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    deliver()
    merged = services.of_account(ada.account_id or 0)["uid"]
    services.change(
        staff, merged, phone="030 7654321", tags="new, vip", city="Bonn", country="DE", birthday="1980-03-31"
    )
    kept = services.create(
        staff, "A. Byron", number="7", email="ada@work.example", phone="030 1234567", tags="vip", city="Köln"
    )
    cogs, gears = organisations.create(staff, "Cogs"), organisations.create(staff, "Gears")
    organisations.add_member(staff, cogs, kept)
    organisations.add_member(staff, cogs, merged, "admin")
    organisations.add_member(staff, gears, merged)
    activities.log(staff, CUSTOMER, merged, Wanted(kind="note", text="Hello"))
    before = whole()
    done = merging.merge(staff, CUSTOMER, kept, merged)
    row = services.get(staff, kept)
    found = {
        name: row[name] for name in ("name", "email", "number", "phone", "city", "birthday", "account_id")
    }
    assert found == {
        "name": "Ada", "email": "ada@example.org", "number": "7", "phone": "030 1234567", "city": "Köln",
        "birthday": "1980-03-31", "account_id": ada.account_id,
    }  # fmt: skip
    assert services.get(staff, merged)["uid"] == kept
    assert [row["name"] for row in paging.page(staff)[0] if row["uid"] == merged] == []
    assert {row["uid"] for row in memberships.of(staff, CUSTOMER, row["id"])} == {cogs, gears}
    assert Prepared("SELECT tag FROM customer_tag WHERE customer_id = ? ORDER BY tag").tuples(row["id"]) == [
        ("new",),
        ("vip",),
    ]
    assert sorted(point["value"] for point in contacts.points(staff, CUSTOMER, row["id"])) == [
        "030 7654321",
        "ada@work.example",
    ]
    assert len(threads.entries(staff, CUSTOMER, row["id"], 2**62, 9)) == 1
    assert merging.undo(staff, CUSTOMER, done) == (kept, merged)
    assert whole() == before
    with pytest.raises(NotFound):
        merging.undo(staff, CUSTOMER, done)


def test_what_was_changed_since_stays_after_undoing(person: Person) -> None:
    staff = person("Stella", "staff")
    kept, merged = (
        services.create(staff, "Bo"),
        services.create(staff, "Bob", birthday="1980-03-31", number="9"),
    )
    done = merging.merge(staff, CUSTOMER, kept, merged, take=["name"])
    assert services.get(staff, kept)["name"] == "Bob"
    services.change(staff, kept, birthday="1981-01-01")
    merging.undo(staff, CUSTOMER, done)
    assert (services.get(staff, kept)["birthday"], services.get(staff, kept)["name"]) == ("1981-01-01", "Bo")
    row = services.get(staff, merged)
    assert (row["uid"], row["birthday"], row["number"]) == (merged, "1980-03-31", "9")


def test_merges_are_undone_in_their_order(person: Person) -> None:
    staff = person("Stella", "staff")
    one, two, three = (services.create(staff, name) for name in ("One", "Two", "Three"))
    first = merging.merge(staff, CUSTOMER, two, one)
    second = merging.merge(staff, CUSTOMER, three, two)
    assert services.get(staff, one)["uid"] == three
    with pytest.raises(Refusal):
        merging.undo(staff, CUSTOMER, first)
    merging.undo(staff, CUSTOMER, second)
    assert services.get(staff, one)["uid"] == two
    merging.undo(staff, CUSTOMER, first)
    assert services.get(staff, one)["uid"] == one


def test_two_accounts_one_customer_and_strangers_are_refused(person: Person, deliver: Any) -> None:
    staff, ada, bea = person("Stella", "staff"), person("Ada"), person("Bea")
    deliver()
    one, other = (services.of_account(someone.account_id or 0)["uid"] for someone in (ada, bea))
    for pair in ((one, other), (one, one)):
        with pytest.raises(Refusal):
            merging.merge(staff, CUSTOMER, *pair)
    with pytest.raises(Forbidden):
        merging.merge(ada, CUSTOMER, one, services.create(SYSTEM, "Cy"))


def test_a_number_that_somebody_else_has_by_now_does_not_come_back(person: Person) -> None:
    staff = person("Stella", "staff")
    kept, merged = services.create(staff, "Bo"), services.create(staff, "Bob", number="7", city="Ghent")
    done = merging.merge(staff, CUSTOMER, kept, merged)
    services.change(staff, kept, number="8")
    services.create(staff, "Cy", number="7")
    merging.undo(staff, CUSTOMER, done)
    found = [(services.get(staff, uid)["number"], services.get(staff, uid)["city"]) for uid in (kept, merged)]
    assert found == [("8", None), (None, "Ghent")]


@pytest.mark.parametrize("gone, left", [(("North", "South"), [None, None]), (("North",), [None, "South"])])
def test_a_team_that_is_gone_by_now_does_not_keep_a_merge_from_being_undone(
    person: Person, gone: tuple[str, ...], left: list[str | None]
) -> None:
    staff = person("Stella", "staff")
    teams = {name: groups.create_group(SYSTEM, name) for name in ("North", "South")}
    kept = services.create(SYSTEM, "Bo", team=teams["North"])
    merged = services.create(SYSTEM, "Bob", team=teams["South"])
    done = merging.merge(staff, CUSTOMER, kept, merged, take=["team"])
    for name in gone:
        groups.delete_group(SYSTEM, teams[name])
    merging.undo(staff, CUSTOMER, done)
    assert [services.get(staff, uid)["team_name"] for uid in (kept, merged)] == left


def test_old_addresses_lead_to_the_one_that_is_kept(sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    kept, merged = services.create(SYSTEM, "Bo"), services.create(SYSTEM, "Bob")
    assert "Bob" in staff.get(f"/customers/{kept}/merge/{merged}").text
    answer = staff.post(f"/customers/{kept}/merge/{merged}", {"take": "name"})
    assert answer.headers["Location"] == f"/customers/{kept}"
    moved = staff.get(f"/customers/{merged}")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/customers/{kept}")
    uid = Prepared("SELECT uid FROM customer_merge").value()
    assert "Undo" in staff.get(f"/customers/{kept}").text
    assert staff.post(f"/customers/merges/{uid}/undo").status_code == 302
    assert staff.get(f"/customers/{merged}").status_code == 200


@pytest.mark.parametrize("has_account", ["kept", "merged"])
def test_name_and_address_stay_those_of_the_account_whatever_a_form_takes(person: Person, has_account: str) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    own = services.for_account(ada.account_id)
    assert own is not None
    address = services.get(staff, own)["email"]
    other = services.create(staff, "Mallory", email="mallory@other.example", city="Ghent")
    kept, merged = (own, other) if has_account == "kept" else (other, own)
    merging.merge(staff, CUSTOMER, kept, merged, take=["name", "email", "city"])
    row = services.get(staff, kept)
    assert (row["name"], row["email"], row["city"]) == ("Ada", address, "Ghent")


@given(st.text("abc ,", max_size=12), st.text("abc ,", max_size=12))
@example("bo derek", "derek, bo")
@example("abcabcabca", "abcabcabcb")
def test_names_are_alike_as_their_letters_in_a_row_say(one: str, other: str) -> None:
    first, second = (" ".join(sorted(name.replace(",", " ").split())) for name in (one, other))
    ratio = difflib.SequenceMatcher(None, first, second).ratio()
    assert matching.alike(one, other) == (first == second or ratio >= matching.SIMILAR)


def test_a_value_that_very_many_share_says_nothing_and_looking_takes_few_statements(
    person: Person, queries: list[str]
) -> None:
    staff, asked = person("Stella", "staff"), []
    for number in range(duplicates.MOST + 2):
        where = {"postcode": "50667", "street": "Domstr. 1"} if number < 2 else {"postcode": f"{number}"}
        services.create(staff, f"Bo {number}", phone="030 7654321", email=f"bo{number // 2}@cogs.example", **where)
        if number in (3, duplicates.MOST + 1):
            queries.clear()
            look()
            asked.append(len(queries))
    assert asked[0] == asked[1]
    assert {score for *_, score in pairs(staff)} == {60 + 35, 100}


def test_the_nightly_job_looks_at_everybody_once(person: Person) -> None:
    staff = person("Stella", "staff")
    for number in range(5):
        where = {"postcode": f"5066{number}", "city": "Köln"} if number % 2 else {}
        services.create(staff, f"Bo {number}", email=f"bo{number // 2}@cogs.example", **where)
    looked = [row_id for row_ids in duplicates._in_steps(CUSTOMER) for row_id in row_ids]
    everybody = {row[0] for row in Prepared("SELECT id FROM customer").tuples()}
    assert len(looked) == len(everybody)
    assert set(looked) == everybody


def test_staff_have_all_compared_now(site: Any, sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    assert "Look now" in staff.get("/customers/duplicates").text
    for _ in range(2):
        assert staff.post("/customers/duplicates/look").status_code == 303
    waiting = Prepared("SELECT COUNT(*) FROM job WHERE kind = 'customers.find_duplicates' AND state = 'queued'")
    asked = Prepared("SELECT COUNT(*) FROM job WHERE kind = 'customers.find_duplicates' AND created_by IS NOT NULL")
    assert (waiting.value(), asked.value()) in ((1, 1), (2, 1))
