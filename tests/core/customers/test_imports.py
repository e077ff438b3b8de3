"""Customers and organisations from files."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, groups
from ecrm_server.customers import (
    activities,
    contacts,
    facts,
    fields,
    merging,
    organisations,
    reading,
    services,
)
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Refusal
from ecrm_server.importing.kind import Change, Refused
from ecrm_server.importing.problems import InputError
from ecrm_server.kernel import current

CHUNK_STATEMENTS = 35
"""Of a file that fits one chunk, both passes, the run's own rows included; they do not grow with the rows."""

pytestmark = pytest.mark.usefixtures("both_engines", "site")


HEADER = "Name,Number,E-mail,Phone,Street,Postcode,City,Country,Birthday,Language,Tags,Stage,Customer since\n"
BO = (
    "Bo Derek,K1,bo@cogs.example,+49 30 1234567,Domstr. 1,50667,Köln,Germany,1980-03-31,de,vip;new,Advocate,"
    "2024-01-31T10:00Z\n"
)


def test_all_fields_come_and_come_once(bring: Any, take_back: Any, site: Any) -> None:
    counts, _ = bring("customers", HEADER + BO)
    assert (counts["created"], counts["failed"]) == (1, 0)
    uid = Prepared("SELECT uid FROM customer").value()
    row = reading.customer(SYSTEM, uid)
    found = [
        row[name]
        for name in ("name", "number", "email", "phone", "city", "country", "language", "stage", "source")
    ]
    assert found == [
        "Bo Derek",
        "K1",
        "bo@cogs.example",
        "+49301234567",
        "Köln",
        "DE",
        "de",
        "advocate",
        "import",
    ]
    assert (row["birthday"], row["created_at"]) == ("1980-03-31", 1706695200000)
    assert contacts.addresses(SYSTEM, CUSTOMER, row["id"])[0]["street"] == "Domstr. 1"
    assert Prepared("SELECT tag FROM customer_tag ORDER BY tag").tuples() == [("new",), ("vip",)]
    again, _ = bring("customers", HEADER + BO)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1)
    changed, run_uid = bring(
        "customers", HEADER + BO.replace("Domstr. 1", "Am Markt 2").replace("vip;new", "vip")
    )
    assert changed["updated"] == 1
    assert contacts.addresses(SYSTEM, CUSTOMER, row["id"])[0]["street"] == "Am Markt 2"
    take_back(run_uid)
    assert contacts.addresses(SYSTEM, CUSTOMER, row["id"])[0]["street"] == "Domstr. 1"
    assert Prepared("SELECT COUNT(*) FROM customer_tag").value() == 2


def test_who_is_there_already_is_found_by_number_or_by_any_address(bring: Any) -> None:
    uid = services.create(SYSTEM, "Bo", number="k1", email="bo@cogs.example")
    contacts.add_point(SYSTEM, CUSTOMER, uid, kind="email", value="bo@home.example")
    bring("customers", "Number,City\nK1,Bonn\n")
    bring("customers", "E-mail,Country\nBO@home.example,DE\n")
    assert Prepared("SELECT uid, city, country FROM customer").tuples() == [(uid, "Bonn", "DE")]


def test_a_number_that_somebody_has_is_told_with_its_row_and_nothing_is_written(bring: Any) -> None:
    services.create(SYSTEM, "Bo", number="k1", email="bo@cogs.example")
    text = "E-mail,Number,City\nada@cogs.example,K2,Bonn\ncy@cogs.example,K1,Bonn\n"
    with pytest.raises(InputError, match=r"customers.csv, row 3: Number belongs to another one already\."):
        bring("customers", text, key="email")
    assert Prepared("SELECT name, city FROM customer").tuples() == [("Bo", None)]
    counts, _ = bring("customers", text, key="email", keep_good=True)
    assert (counts["created"], counts["failed"]) == (1, 1)
    counts, _ = bring("customers", text, key="email", unfit={"Number": "leave out"})
    assert (counts["created"], counts["unchanged"], counts["cells left out"]) == (1, 1, 1)
    assert Prepared("SELECT number FROM customer ORDER BY id").tuples() == [("k1",), ("K2",), (None,)]


def test_who_is_only_a_number_is_called_by_it(bring: Any) -> None:
    bring("customers", "Number\n17850\n")
    assert Prepared("SELECT name, number, stage FROM customer").tuples() == [("17850", "17850", "customer")]


def test_custom_fields_are_fields_of_files(bring: Any, site: Any) -> None:
    for title, kind in (
        ("Shoe size", "integer"),
        ("Limit", "money"),
        ("Awards", "choices"),
        ("Note", "text"),
    ):
        choices = "Gold\nSilver" if kind == "choices" else ""
        fields.add(SYSTEM, facts.CUSTOMER, Wanted(title=title, kind=kind, choices=choices))
    site.dispatcher.refresh(wait=True)
    bring("customers", "Number,Shoe size,Limit,Awards,Note\n1,42,12.50,Gold;Silver,Große Halle\n")
    row = reading.customer(SYSTEM, Prepared("SELECT uid FROM customer").value())
    assert [row[f"x_{name}"] for name in ("shoe_size", "limit", "note")] == [42, 1250, "Große Halle"]
    assert Prepared("SELECT choice FROM custom_choice ORDER BY choice").tuples() == [("gold",), ("silver",)]
    assert bring("customers", "Number,Awards\n1,Gold;Silver\n")[0]["unchanged"] == 1


def test_who_looks_after_them_is_found_by_address_and_group(bring: Any, person: Any) -> None:
    ada = person("Ada", "staff")
    groups.create_group(SYSTEM, "North")
    text = "Number,Account manager,Team\n1,ADA@example.org,North\n2,nobody@example.org,South\n3,,\n"
    with pytest.raises(InputError) as error:
        bring("customers", text)
    assert "row 3: Account manager is 'nobody@example.org', which is the e-mail address of nobody" in str(error.value)
    assert "Team is 'South', which is the name of no group." in str(error.value)
    counts, _ = bring("customers", text, unfit={"Account manager": "leave out", "Team": "leave out"})
    assert (counts["created"], counts["cells left out"]) == (3, 2)
    found = Prepared("SELECT number, owner_id, team_id IS NULL FROM customer ORDER BY number").tuples()
    assert [(number, owner, bool(none)) for number, owner, none in found] == [
        ("1", ada.account_id, False), ("2", None, True), ("3", None, True),
    ]  # fmt: skip
    again, _ = bring("customers", text, keep_good=True)
    assert (again["unchanged"], again["failed"]) == (2, 1)


def test_organisations_come_too(bring: Any) -> None:
    bring(
        "organisations",
        "Company,Number,Kind,Website,Country\nCogs,O1,Partner,cogs.example,AT\nCogs,O2,Customer,,\n",
    )
    found = Prepared("SELECT name, kind, website, country FROM organisation ORDER BY number").tuples()
    assert found == [("Cogs", "partner", "https://cogs.example", "AT"), ("Cogs", "customer", None, None)]


def test_a_chunk_takes_few_statements(bring: Any, queries: list[str]) -> None:
    people = "".join(f"Person {n},n{n},p{n}@cogs.example,Bonn,vip\n" for n in range(400))
    queries.clear()
    bring("customers", "Name,Number,E-mail,City,Tags\n" + people)
    assert len(queries) <= CHUNK_STATEMENTS, "\n".join(queries)


def test_a_further_address_finds_who_is_found_by_the_main_one_too(bring: Any) -> None:
    uid = services.create(SYSTEM, "Bo", email="bo@cogs.example")
    contacts.add_point(SYSTEM, CUSTOMER, uid, kind="email", value="bo@home.example")
    kind = current.generation().registry.imports["customers"]
    found = list(kind.find("email", ["bo@cogs.example", "bo@home.example", "cy@cogs.example"]))
    assert {(value, item.uid) for value, item in found} == {("bo@cogs.example", uid), ("bo@home.example", uid)}


def test_name_and_address_of_one_with_an_account_stay(bring: Any, sign_in: Any, deliver: Any) -> None:
    ada = sign_in("Ada")
    deliver()
    bring("customers", "E-mail,Name,City\nada@example.org,Somebody else,Bonn\n")
    row = services.of_account(ada.account.id)
    assert (row["name"], row["city"]) == ("Ada", "Bonn")


def test_on_whom_something_hangs_is_not_removed(bring: Any, take_back: Any) -> None:
    _, run_uid = bring("customers", "Number\n1\n2\n3\n")
    uids = dict(Prepared("SELECT number, uid FROM customer").tuples())
    organisations.add_member(SYSTEM, organisations.create(SYSTEM, "Cogs"), uids["1"])
    activities.log(SYSTEM, CUSTOMER, uids["2"], activities.Wanted(kind="note", text="Called"))
    plan, counts = take_back(run_uid)
    assert {(item.label, item.reason) for item in plan.refusals} == {
        ("1", "Changed since the import."), ("2", "Something was logged about it."),
    }  # fmt: skip
    assert (counts["removed"], counts["kept"]) == (1, 2)
    for name in ("Dogs", "Eels"):
        organisations.add_member(SYSTEM, organisations.create(SYSTEM, name), uids["2"])
    kind = current.generation().registry.imports["customers"]
    assert kind.blocked([uids["1"], uids["2"]]) == {uids["2"]: "It belongs together with others."}


@pytest.mark.parametrize("add", [
    lambda uid: contacts.add_point(SYSTEM, CUSTOMER, uid, kind="phone", value="+49 30 12345"),
    lambda uid: contacts.add_address(SYSTEM, CUSTOMER, uid, label="Home", street="Am Markt 2", city="Bonn"),
], ids=["phone", "address"])  # fmt: skip
def test_who_was_given_a_further_address_or_phone_since_is_not_removed(bring: Any, take_back: Any, add: Any) -> None:
    _, run_uid = bring("customers", "Number,Street,City\n1,Domstr. 1,Bonn\n2,Domstr. 2,Bonn\n")
    add(Prepared("SELECT uid FROM customer WHERE number = '1'").value())
    plan, counts = take_back(run_uid)
    assert [(item.label, item.reason) for item in plan.refusals] == [("1", "It has further addresses or phones.")]
    assert (counts["removed"], counts["kept"]) == (1, 1)


def test_an_import_waits_for_who_changes_the_same_people_in_another_order(both_engines: str) -> None:
    kind = current.generation().registry.imports["customers"]
    first, second = services.create(SYSTEM, "Ada"), services.create(SYSTEM, "Bo")
    faults: list[BaseException] = []

    def write() -> None:
        with database.connection_context():
            try:
                with transaction():
                    kind.write([Change(uid, {"city": "Bonn"}) for uid in (second, first)], SYSTEM)
            except BaseException as fault:  # shown below, with what it was
                faults.append(fault)

    waiting = Prepared(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    thread = threading.Thread(target=write)
    with transaction():
        services.change(SYSTEM, first, language="de")
        thread.start()
        until = time.monotonic() + 5
        while both_engines == "postgres" and not waiting.value() and time.monotonic() < until:
            time.sleep(0.01)
        services.change(SYSTEM, second, language="de")
    thread.join()
    assert faults == []
    found = [services.get(SYSTEM, uid) for uid in (first, second)]
    assert [(row["city"], row["language"]) for row in found] == [("Bonn", "de")] * 2


def test_nothing_is_written_to_who_was_merged_while_the_file_was_checked() -> None:
    kind = current.generation().registry.imports["customers"]
    kept, merged = services.create(SYSTEM, "Ada"), services.create(SYSTEM, "Ada L.")
    merging.merge(SYSTEM, CUSTOMER, kept, merged)
    with transaction():
        [result] = kind.write([Change(merged, {"city": "Bonn"})], SYSTEM)
    assert result == Refused("It was deleted meanwhile, or merged into another one.")
    assert Prepared("SELECT city FROM customer WHERE uid = ?").value(merged) is None


def test_a_number_that_two_rows_of_a_file_give_away_belongs_to_the_first(bring: Any) -> None:
    text = "E-mail,Name,Number\na@cogs.example,Ada,K1\nb@cogs.example,Bo,k1\nc@cogs.example,Cy,K2\n"
    counts, _ = bring("customers", text, key="email", keep_good=True)
    assert (counts["created"], counts["failed"]) == (2, 1)
    assert Prepared("SELECT name, number FROM customer ORDER BY name").tuples() == [("Ada", "K1"), ("Cy", "K2")]


@pytest.mark.bench
def test_five_thousand_customers_take_at_most_a_second_of_the_processor() -> None:
    kind, total, batch = current.generation().registry.imports["customers"], 20_000, 500
    started = time.process_time()
    for start in range(0, total, batch):
        people = [
            {"name": f"Customer {n}", "number": str(n), "email": f"c{n}@cust.example", "country": "DE"}
            for n in range(start, start + batch)
        ]
        assert not list(kind.find("email", [values["email"] for values in people]))
        with transaction():
            kind.write([Change(None, values) for values in people], SYSTEM)
    rate = total / (time.process_time() - started)
    print(f"customers_per_second: {rate:.0f}")
    assert rate > 5000


def test_first_and_last_names_of_two_columns_make_one_name(bring: Any) -> None:
    header = "Kd-Nr,Nachname,Vorname\n"
    assert bring("customers", header + "1,Müller,Jürgen\n2,,Zoë\n")[0]["created"] == 2
    assert Prepared("SELECT name FROM customer ORDER BY number").tuples() == [("Jürgen Müller",), ("Zoë",)]
    counts, _ = bring("customers", header + "1,,Jörg\n2,Groß,Zoë\n")
    assert (counts["updated"], counts["unchanged"]) == (1, 1)
    assert Prepared("SELECT name FROM customer ORDER BY number").tuples() == [("Jürgen Müller",), ("Zoë Groß",)]
    bring("customers", "Kd-Nr,Name,Vorname\n3,Weiß,Ulrike\n")
    assert Prepared("SELECT name FROM customer WHERE number = '3'").value() == "Ulrike Weiß"


def test_half_a_name_and_a_name_twice_are_refused(bring: Any) -> None:
    half = {"Number": "number", "First": "first_name"}
    for mapping in (half, half | {"Last": "last_name", "Full": "name"}):
        with pytest.raises(Refusal, match="First name and Last name make Name"):
            bring("customers", "Number,First,Last,Full\n1,Bo,Derek,Bo Derek\n", mapping=mapping)
