from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import activities, contacts, organisations, reading, services, timeline
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.data import Prepared
from ecrm_server.errors import Forbidden, NotFound, Refusal
from ecrm_server.kernel import current

Person = Callable[..., Actor]


def told(actor: Actor, uid: str, only: str = "") -> list[str]:
    row = services.get(actor, uid)
    return [entry.title for entry in timeline.collect(actor, customer_id=row["id"], only=only)[0]]


def test_what_is_logged_stands_in_the_timeline_by_kind(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    activities.log(
        staff, CUSTOMER, uid, Wanted(kind="call", subject="Asked for a quote", minutes=7, at=clock.now() + 5)
    )
    note = activities.log(
        staff, CUSTOMER, uid, Wanted(kind="note", text="Likes **blue**", at=clock.now() + 9)
    )
    assert told(staff, uid) == ["Note", "Asked for a quote", "Customer added"]
    assert told(staff, uid, "customers.call") == ["Asked for a quote"]
    activities.pin(staff, CUSTOMER, uid, note, True)
    pinned, tasks = activities.standing(staff, CUSTOMER, services.get(staff, uid)["id"])
    assert ([str(row["html"]) for row in pinned], tasks) == (["<p>Likes <strong>blue</strong></p>\n"], [])
    activities.delete(staff, CUSTOMER, uid, note)
    assert told(staff, uid) == ["Asked for a quote", "Customer added"]


def test_a_task_is_told_to_whom_it_is_given_and_done(person: Person) -> None:
    staff, stan = person("Stella", "staff"), person("Stan", "staff")
    uid = organisations.create(staff, "Cogs")
    task = activities.log(
        staff, ORGANISATION, uid, Wanted(kind="task", subject="Call back", assignee=stan.uid)
    )
    assert Prepared("SELECT title FROM notice WHERE account_id = ?").tuples(stan.account_id) == [
        ("Call back",)
    ]
    row_id = reading.organisation(staff, uid)["id"]
    assert [row["assignee_name"] for row in activities.standing(staff, ORGANISATION, row_id)[1]] == ["Stan"]
    activities.finish(staff, ORGANISATION, uid, task, True)
    assert activities.standing(staff, ORGANISATION, row_id)[1] == []


def test_a_mail_goes_through_the_outbox(person: Person, mails: Any) -> None:
    staff = person("Stella", "staff")
    uid, mute = services.create(staff, "Bo", email="bo@cogs.example"), services.create(staff, "Cy")
    mail = Wanted(kind="mail", subject="Your quote", text="Here it *is*.")
    activities.log(staff, CUSTOMER, uid, mail)
    row = Prepared("SELECT recipient, subject, text, kind FROM mail").row()
    assert row == {
        "recipient": "bo@cogs.example",
        "subject": "Your quote",
        "text": "Here it *is*.",
        "kind": "customers.mail",
    }
    for target, wanted in (
        (mute, mail),
        (uid, Wanted(kind="mail", subject="Empty")),
        (uid, Wanted(kind="mail", text="x")),
    ):
        with pytest.raises(Refusal):
            activities.log(staff, CUSTOMER, target, wanted)
    assert Prepared("SELECT COUNT(*) FROM mail").value() == 1


def test_only_staff_log_and_only_of_whom_they_see(person: Person) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    uid, other = services.create(staff, "Bo"), services.create(staff, "Cy")
    note = activities.log(staff, CUSTOMER, uid, Wanted(kind="note", text="Secret"))
    with pytest.raises(Forbidden):
        activities.log(ada, CUSTOMER, uid, Wanted(kind="note", text="Mine"))
    with pytest.raises(NotFound):
        activities.delete(staff, CUSTOMER, other, note)
    assert timeline.collect(ada, customer_id=services.get(staff, uid)["id"]) == ([], None)


def test_what_is_logged_is_told_to_open_pages(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    activities.log(staff, CUSTOMER, uid, Wanted(kind="note", text="Hello"))
    deliver()
    channel = current.generation().channel("customers.customer")
    assert channel is not None
    assert Prepared("SELECT COUNT(*) FROM event WHERE name = 'customers.logged'").value() == 1


def test_further_contacts_take_the_place_of_the_main_one(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", email="bo@cogs.example")
    row_id = services.get(staff, uid)["id"]
    point = contacts.add_point(staff, CUSTOMER, uid, kind="email", value="bo@home.example", label="Home")
    contacts.make_main(staff, CUSTOMER, uid, point)
    assert services.get(staff, uid)["email"] == "bo@home.example"
    assert [row["value"] for row in contacts.points(staff, CUSTOMER, row_id)] == ["bo@cogs.example"]
    contacts.remove_point(staff, CUSTOMER, uid, point)
    assert contacts.points(staff, CUSTOMER, row_id) == []
    with pytest.raises(Refusal) as refused:
        contacts.add_point(staff, CUSTOMER, uid, kind="phone", value="none")
    assert refused.value.field == "value"


def test_city_and_country_are_those_of_the_main_address(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", city="Köln", country="DE")
    second = contacts.add_address(staff, CUSTOMER, uid, label="Work", city="Wien", country="AT")
    assert services.get(staff, uid)["city"] == "Köln"
    contacts.make_main_address(staff, CUSTOMER, uid, second)
    row = services.get(staff, uid)
    assert (row["city"], row["country"]) == ("Wien", "AT")
    contacts.remove_address(staff, CUSTOMER, uid, second)
    assert services.get(staff, uid)["city"] == "Köln"
    assert [row["main"] for row in contacts.addresses(staff, CUSTOMER, row["id"])] in ([True], [1])
