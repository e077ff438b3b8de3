"""Customers and organisations in the palette and on the search page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.customers import contacts, fields, finding, keys, merging, organisations, personal, services
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.data.bulk import insert_many
from ecrm_server.events.outbox import importing
from ecrm_server.identity.actors import of_account
from ecrm_server.importing.kind import Change
from ecrm_server.jobs.run import Run
from ecrm_server.kernel import current

Person = Callable[..., Actor]


def names(actor: Actor, text: str, subject: Subject = CUSTOMER) -> list[str]:
    return [hit.title for hit in finding.find(subject, text, actor, 20)]


def catch_up() -> None:
    keys.catch_up(Run("job", {}, None, 1))


def test_one_is_found_by_name_number_address_and_phone(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    firm = organisations.create(staff, "Harbour Bicycles")
    uid = services.create(
        staff, "Ánna-Maria Müller", number="K-17850", email="anna@cogs.example", phone="+49 (30) 123 45 67"
    )
    contacts.add_point(staff, CUSTOMER, uid, kind="email", value="am@home.example")
    organisations.add_member(staff, firm, uid)
    services.create(staff, "Annabel Smith")
    deliver()
    for text in (
        "muller", "Müll", "maria mul", "müller anna", "k-178", "K-17850", "anna@cogs.example", "am@home", "030 1234567",
        "+49301234567", "34567", "harbour", "harbour bicy",
    ):  # fmt: skip
        assert names(staff, text) == ["Ánna-Maria Müller"], text
    assert names(staff, "ann") == ["Annabel Smith", "Ánna-Maria Müller"]
    assert names(staff, "harbour", ORGANISATION) == ["Harbour Bicycles"]
    for text in ("", "  ", "'", "muller smith", "ller", "%", "_____", "\x00", "99999", "-" * 500):
        assert names(staff, text) == [], text


def test_what_changes_is_found_by_what_it_is_now(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo Derek", email="bo@cogs.example")
    other = services.create(staff, "Bob Derrick", phone="+49 30 7654321")
    deliver()
    services.change(staff, uid, name="Bo Miller", email="bo@gears.example")
    point = contacts.add_point(staff, CUSTOMER, uid, kind="phone", value="+49 40 111222")
    deliver()
    assert (names(staff, "derek"), names(staff, "bo@cogs")) == ([], [])
    assert names(staff, "miller") == names(staff, "bo@gears") == names(staff, "040111222") == ["Bo Miller"]
    contacts.remove_point(staff, CUSTOMER, uid, point)
    merge = merging.merge(staff, CUSTOMER, uid, other)
    deliver()
    assert (names(staff, "040111222"), names(staff, "derrick")) == ([], [])
    assert names(staff, "7654321") == ["Bo Miller"]
    merging.undo(staff, CUSTOMER, merge)
    deliver()
    assert names(staff, "derrick") == names(staff, "7654321") == ["Bob Derrick"]
    one, two = organisations.create(staff, "Cogs Ltd"), organisations.create(staff, "Gears Ltd", number="G-1")
    merging.merge(staff, ORGANISATION, one, two)
    deliver()
    assert (names(staff, "gears", ORGANISATION), names(staff, "g-1", ORGANISATION)) == ([], ["Cogs Ltd"])


def test_only_what_one_may_see_is_found(person: Person, seller: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada Lovelace")
    olaf, tess = seller("Olaf", "customers.read_own"), seller("Tess", "customers.read_team")
    north = groups.create_group(SYSTEM, "North")
    groups.add_member(SYSTEM, north, tess.account_id or 0)
    tess = of_account(tess.account_id or 0)
    services.create(staff, "Cogs of Olaf", owner=olaf.uid)
    services.create(staff, "Cogs of North", team=north)
    services.create(staff, "Cogs of nobody")
    firm = organisations.create(staff, "Cogs Ltd")
    organisations.create(staff, "Cogs Inc")
    deliver()
    organisations.add_member(staff, firm, str(services.for_account(ada.account_id or 0)))
    assert names(olaf, "cogs of") == ["Cogs of Olaf"]
    assert names(tess, "cogs of") == ["Cogs of North"]
    assert len(names(staff, "cogs of")) == 3
    assert (names(ada, "cogs"), names(ada, "ada")) == ([], [])
    assert names(ada, "cogs", ORGANISATION) == ["Cogs Ltd"]
    assert names(person("Eve"), "cogs", ORGANISATION) == []


def test_nobody_finds_by_what_he_may_not_read(person: Person, site: Any, deliver: Any) -> None:
    staff, admin = person("Stella", "staff"), person("Root", "admin")
    services.create(staff, "Bo Derek", email="bo@cogs.example", phone="+49 30 1234567", number="K-1")
    deliver()
    for field in ("email", "phone", "number"):
        fields.set_rule(admin, CUSTOMER, field, ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    for text in ("bo@cogs.example", "0301234567", "k-1"):
        assert names(staff, text) == [], text
        assert names(admin, text) == ["Bo Derek"], text
    hit = finding.find(CUSTOMER, "derek", staff, 5)[0]
    assert (hit.hint, hit.excerpt) == ("", "")
    assert "bo@cogs.example" in finding.find(CUSTOMER, "derek", admin, 5)[0].excerpt


def test_who_is_erased_is_found_no_more(person: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada Lovelace")
    deliver()
    assert names(staff, "lovelace") == ["Ada Lovelace"]
    with transaction():
        personal.erase(ada.account_id or 0)
    assert names(staff, "lovelace") == names(staff, "deleted") == names(staff, "ada@example.org") == []


def test_an_import_is_found_when_it_is_quiet_again(person: Person, deliver: Any, movable_clock: Any) -> None:
    staff = person("Stella", "staff")
    old = services.create(staff, "Old Hand", number="7")
    deliver()
    kind = current.generation().registry.imports["customers"]
    changes = [Change(None, {"name": f"Person {number}", "number": f"N{number}"}) for number in range(1200)]
    with importing(), transaction():
        kind.write([*changes, Change(old, {"name": "Young Hand"})], SYSTEM)
    deliver()
    catch_up()
    assert names(staff, "n1199") == []
    movable_clock.advance(keys.QUIET + clock.SECOND)
    catch_up()
    assert names(staff, "n1199") == names(staff, "person 1199") == ["Person 1199"]
    assert (names(staff, "young"), names(staff, "old")) == (["Young Hand"], [])
    assert Prepared("SELECT COUNT(*) FROM customer_key_due").value() == 0


def test_the_palette_and_the_page_show_them_to_staff_alone(sign_in: Any, visitor: Any, deliver: Any) -> None:
    staff, ada = sign_in("Stella", "staff"), sign_in("Ada")
    path = staff.post(
        "/customers/new", {"name": "Bo <b>Derek", "email": "bo@cogs.example", "stage": "lead"}
    ).headers["Location"]
    deliver()
    groups = staff.get("/search/palette?q=derek").json["groups"]
    assert [(group["label"], [item["url"] for item in group["items"]]) for group in groups] == [
        ("Customers", [path])
    ]
    page = staff.get("/search?q=derek").text
    assert "Bo &lt;b&gt;<mark>Derek</mark>" in page
    assert path in staff.get("/search?q=derek&kind=customers.customer").text
    assert path not in staff.get("/search?q=derek&kind=customers.organisation").text
    assert path not in staff.get("/search?q=derek+author:bo").text
    for browser in (ada, visitor):
        assert browser.get("/search/palette?q=derek").json["groups"] == []
        for address in ("/search?q=derek", "/search?q=derek&kind=customers.customer"):
            assert path not in browser.get(address).text


@pytest.mark.bench
def test_a_hundred_thousand_are_searched_in_a_moment(person: Person, seller: Person) -> None:
    staff, olaf = person("Stella", "staff"), seller("Olaf", "customers.read_own")
    first, last = ("Anna", "Bert", "Carla", "Dora", "Emil"), ("Abel", "Becker", "Conrad", "Dietz", "Ernst")
    count, now = 100_000, clock.now()
    with transaction():
        insert_many(
            "customer",
            ("uid", "name", "name_key", "email", "email_key", "number", "number_key", "stage", "created_at",
             "updated_at", "demo", "version", "owner_id"),
            [
                (
                    f"u{n}", f"{first[n % 5]} {last[n // 5 % 5]}{n}", f"{first[n % 5]} {last[n // 5 % 5]}{n}".lower(),
                    f"p{n}@x.example", f"p{n}@x.example", f"N{n}", f"n{n}", "lead", now, now, False, 1,
                    olaf.account_id if n % 1000 == 0 else None,
                )
                for n in range(count)
            ],
        )  # fmt: skip
        top = Prepared("SELECT MAX(id) FROM customer").value()
        Prepared(
            "INSERT INTO customer_key_due (subject, first_id, last_id, created_at) VALUES ('customer', 1, ?, 0)"
        ).run(top)
    started = time.perf_counter()
    catch_up()
    took = time.perf_counter() - started
    print(f"keys_per_second: {count / took:.0f}")
    database.execute_sql("ANALYZE")  # as the database does by itself, a minute later
    for actor in (staff, olaf):
        for text in (
            "an",
            "anna",
            "anna becker",
            "dietz99",
            "p77777@x",
            "n555",
            "77777",
            "carla ab",
            "zz",
            "emil zz",
        ):
            started = time.perf_counter()
            finding.find(CUSTOMER, text, actor, 5)
            ms = (time.perf_counter() - started) * 1000
            print(f"{actor.name} {text!r}: {ms:.1f} ms")
            assert ms < 150, text
