"""Customers and organisations from files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import contacts, facts, fields, organisations, reading, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared, transaction
from ecrm_server.importing import run, store, undo
from ecrm_server.importing.kind import Change
from ecrm_server.importing.options import Options
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.table import NAMES, TableImport
from ecrm_server.kernel import current

CHUNK_STATEMENTS = 35
"""Of a file that fits one chunk, both passes, the run's own rows included; they do not grow with the rows."""

pytestmark = pytest.mark.usefixtures("both_engines", "site")


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., tuple[dict[str, int], str]]:
    """``bring("customers", "Name,Number\\nBo,1\\n")``: the counts, and the uid of the run."""

    def carry_out(name: str, text: str, **options: Any) -> tuple[dict[str, int], str]:
        path = tmp_path / f"{name}.csv"
        path.write_text(text, "utf-8")
        kind = current.generation().registry.imports[name]
        going = TableImport(kind, path, path.name, Options(**options), SYSTEM)
        with going.failure_file(tmp_path / "failed.csv") as failures:
            checked = going.check(failures, Progress())
        checked.refuse(going.name, going.options.keep_good)
        begun = run.begin(name, path.name, path, run.digest_of([path], text), NAMES)
        store.describe(begun.id, going.options, checked.counts["read"])
        counts = run.carry_out(begun, [going.phase(begun.id, checked)], Progress())
        return dict(counts), str(store.by_id(begun.id)["uid"])

    return carry_out


HEADER = "Name,Number,E-mail,Phone,Street,Postcode,City,Country,Birthday,Language,Tags,Stage,Customer since\n"
BO = (
    "Bo Derek,K1,bo@cogs.example,+49 30 1234567,Domstr. 1,50667,Köln,Germany,1980-03-31,de,vip;new,Advocate,"
    "2024-01-31T10:00Z\n"
)


def test_all_fields_come_and_come_once(bring: Any, site: Any) -> None:
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
    going = undo.Undo(current.generation().registry.imports["customers"], store.get(run_uid)["id"], SYSTEM)
    going.plan()
    store.move(store.get(run_uid), "undoing", "")
    store.start_over(store.get(run_uid))
    run.carry_out(store.run_of(store.get(run_uid), ()), [going.phase(0)], Progress(), "undone")
    assert contacts.addresses(SYSTEM, CUSTOMER, row["id"])[0]["street"] == "Domstr. 1"
    assert Prepared("SELECT COUNT(*) FROM customer_tag").value() == 2


def test_who_is_there_already_is_found_by_number_or_by_any_address(bring: Any) -> None:
    uid = services.create(SYSTEM, "Bo", number="k1", email="bo@cogs.example")
    contacts.add_point(SYSTEM, CUSTOMER, uid, kind="email", value="bo@home.example")
    bring("customers", "Number,City\nK1,Bonn\n")
    bring("customers", "E-mail,Country\nBO@home.example,DE\n")
    assert Prepared("SELECT uid, city, country FROM customer").tuples() == [(uid, "Bonn", "DE")]


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


def test_on_whom_something_hangs_is_not_removed(bring: Any) -> None:
    uid, free = services.create(SYSTEM, "Bo"), services.create(SYSTEM, "Cy")
    organisations.add_member(SYSTEM, organisations.create(SYSTEM, "Cogs"), uid)
    kind = current.generation().registry.imports["customers"]
    assert list(kind.blocked([uid, free])) == [uid]


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
