"""What stands beside a customer is changed in place, removed and put back; nobody's change is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import (
    activities,
    contacts,
    organisations,
    plans,
    reading,
    removed,
    services,
    threads,
)
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal

Person = Callable[..., Actor]


def kept(subject: Subject, row_id: int, item: str) -> dict[str, Any]:
    return removed.take(subject, row_id, item).data


def points(actor: Actor, uid: str) -> list[tuple[str, str]]:
    found = contacts.points(actor, CUSTOMER, services.get(actor, uid)["id"])
    return [(row["value"], row["label"]) for row in found]


def test_a_further_address_is_changed_once_by_two_editors(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", email="bo@cogs.example")
    point = contacts.add_point(staff, CUSTOMER, uid, kind="email", value="bo@home.example", label="Home")
    seen = contacts.point(staff, CUSTOMER, uid, point)["version"]
    contacts.change_point(staff, CUSTOMER, uid, point, value="bo@new.example", label="New", version=seen)
    with pytest.raises(Conflict):
        contacts.change_point(staff, CUSTOMER, uid, point, value="bo@mine.example", version=seen)
    assert points(staff, uid) == [("bo@new.example", "New")]
    for value in ("bo@COGS.example", "none"):
        with pytest.raises(Refusal) as refused:
            contacts.change_point(staff, CUSTOMER, uid, point, value=value)
        assert refused.value.field == "value"
    with pytest.raises(Refusal):
        contacts.add_point(staff, CUSTOMER, uid, kind="email", value="bo@new.example")


def test_what_is_removed_is_put_back_once_and_for_a_day(person: Person, movable_clock: Any) -> None:
    staff = person("Stella", "staff")
    uid, other = services.create(staff, "Bo"), services.create(staff, "Cy")
    row_id, other_id = services.get(staff, uid)["id"], services.get(staff, other)["id"]
    point = contacts.add_point(staff, CUSTOMER, uid, kind="phone", value="+49 30 1234567", label="Desk")
    item = contacts.remove_point(staff, CUSTOMER, uid, point)
    assert points(staff, uid) == []
    with pytest.raises(Refusal):
        removed.take(CUSTOMER, other_id, item)
    with transaction():
        contacts.put_back_point(staff, CUSTOMER, uid, kept(CUSTOMER, row_id, item))
    assert points(staff, uid) == [("+49 30 1234567", "Desk")]
    with pytest.raises(Refusal):
        removed.take(CUSTOMER, row_id, item)
    item = contacts.remove_point(staff, CUSTOMER, uid, point)
    movable_clock.advance(removed.KEPT_FOR + 1)
    removed.sweep(None)  # type: ignore[arg-type]
    assert not removed.is_kept(CUSTOMER, row_id, item)


def test_a_main_address_is_changed_removed_and_the_main_one_again(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", street="Old Road 1", city="Köln", country="DE")
    row_id = services.get(staff, uid)["id"]
    contacts.add_address(staff, CUSTOMER, uid, label="Work", city="Wien", country="AT")
    main = contacts.addresses(staff, CUSTOMER, row_id)[0]
    contacts.change_address(
        staff,
        CUSTOMER,
        uid,
        main["uid"],
        version=main["version"],
        street="New Road 2",
        city="Bonn",
        country="DE",
    )
    assert services.get(staff, uid)["city"] == "Bonn"
    with pytest.raises(Conflict):
        contacts.change_address(staff, CUSTOMER, uid, main["uid"], version=main["version"], city="Essen")
    services.change(staff, uid, street="New Road 3")
    with pytest.raises(Conflict):  # the form of the customer writes the same address
        contacts.change_address(staff, CUSTOMER, uid, main["uid"], version=main["version"] + 1, city="Essen")
    item = contacts.remove_address(staff, CUSTOMER, uid, main["uid"])
    assert services.get(staff, uid)["city"] == "Wien"
    with transaction():
        contacts.put_back_address(staff, CUSTOMER, uid, kept(CUSTOMER, row_id, item))
    assert services.get(staff, uid)["city"] == "Bonn"
    shown = [(row["street"], bool(row["main"])) for row in contacts.addresses(staff, CUSTOMER, row_id)]
    assert shown == [("New Road 3", True), ("", False)]


def test_words_that_were_logged_are_changed_with_a_mark_and_a_history(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    row_id = services.get(staff, uid)["id"]
    note = activities.log(staff, CUSTOMER, uid, Wanted(kind="note", text="Likes blue"))
    assert threads.entries(staff, CUSTOMER, row_id, 2**62, 9)[0].edited_at is None
    activities.pin(staff, CUSTOMER, uid, note, True)
    activities.change(staff, CUSTOMER, uid, note, Wanted(kind="note", text="Likes *red*"), version=1)
    entry = threads.entries(staff, CUSTOMER, row_id, 2**62, 9)[0]
    assert (str(entry.html), entry.edited_at is not None) == ("<p>Likes <em>red</em></p>\n", True)
    with pytest.raises(Conflict):
        activities.change(staff, CUSTOMER, uid, note, Wanted(kind="note", text="Mine"), version=1)
    told = Prepared("SELECT before, after FROM audit_entry WHERE action = 'customers.activity_changed'").row()
    assert told is not None
    assert ("Likes blue" in told["before"], "Likes *red*" in told["after"]) == (True, True)


def test_a_note_belongs_to_its_author_and_to_who_may_change_others(person: Person, seller: Person) -> None:
    stella, stan = person("Stella", "staff"), person("Stan", "staff")
    sam = seller("Sam", "customers.read", "customers.edit")
    uid = services.create(stella, "Bo")
    note = activities.log(stella, CUSTOMER, uid, Wanted(kind="note", text="Mine"))
    own = activities.log(sam, CUSTOMER, uid, Wanted(kind="note", text="His"))
    activities.change(stan, CUSTOMER, uid, note, Wanted(kind="note", text="Ours"))
    activities.change(sam, CUSTOMER, uid, own, Wanted(kind="note", text="Still his"))
    with pytest.raises(Forbidden):
        activities.change(sam, CUSTOMER, uid, note, Wanted(kind="note", text="Not his"))
    with pytest.raises(Forbidden):
        activities.delete(sam, CUSTOMER, uid, note)
    row_id = services.get(sam, uid)["id"]
    shown = {
        entry.ref: (entry.editable, entry.deletable)
        for entry in threads.entries(sam, CUSTOMER, row_id, 2**62, 9)
    }
    assert shown == {own: (True, True), note: (False, False)}
    other = services.create(stella, "Cy")
    with pytest.raises(NotFound):
        activities.change(stella, CUSTOMER, other, note, Wanted(kind="note", text="Elsewhere"))


def test_a_deleted_entry_comes_back_as_it_was(person: Person) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo")
    row_id = services.get(staff, uid)["id"]
    task = activities.log(
        staff, CUSTOMER, uid, Wanted(kind="task", subject="Call", due_at=clock.now() + clock.DAY)
    )
    activities.finish(staff, CUSTOMER, uid, task, True)
    before = threads.entries(staff, CUSTOMER, row_id, 2**62, 9)
    item = activities.delete(staff, CUSTOMER, uid, task)
    assert threads.entries(staff, CUSTOMER, row_id, 2**62, 9) == []
    with transaction():
        activities.put_back(staff, CUSTOMER, uid, kept(CUSTOMER, row_id, item))
    assert threads.entries(staff, CUSTOMER, row_id, 2**62, 9) == before


def test_a_mail_stays_as_it_was_sent(person: Person, mails: Any) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "Bo", email="bo@cogs.example")
    mail = activities.log(staff, CUSTOMER, uid, Wanted(kind="mail", subject="Quote", text="Here"))
    with pytest.raises(Refusal):
        activities.change(staff, CUSTOMER, uid, mail, Wanted(kind="mail", subject="Other", text="words"))


def test_a_task_is_given_to_somebody_who_sees_the_customer(person: Person, seller: Person) -> None:
    staff, stan, ada = person("Stella", "staff"), person("Stan", "staff"), person("Ada")
    olaf = seller("Olaf", "customers.read_own")
    uid = services.create(staff, "Bo")
    task = activities.log(staff, CUSTOMER, uid, Wanted(kind="task", subject="Call"))
    for wrong in (ada, olaf):
        with pytest.raises(Refusal) as refused:
            activities.change(
                staff, CUSTOMER, uid, task, Wanted(kind="task", subject="Call", assignee=wrong.uid or "")
            )
        assert refused.value.field == "assignee"
    late = clock.now() - clock.HOUR
    activities.change(
        staff, CUSTOMER, uid, task, Wanted(kind="task", subject="Call", assignee=stan.uid or "", due_at=late)
    )
    assert Prepared("SELECT account_id, title FROM notice").tuples() == [(stan.account_id, "Call")]
    row = activities.standing(staff, CUSTOMER, services.get(staff, uid)["id"])[1][0]
    assert (row["assignee_name"], row["overdue"]) == ("Stan", True)


def test_plans_and_steps_are_changed_removed_and_put_back(person: Person, seller: Person) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    uid = organisations.create(staff, "Cogs")
    row_id = reading.organisation(staff, uid)["id"]
    plan = plans.create(staff, uid, plans.Wanted(title="Grow", owner=staff.uid or ""))
    step = plans.add_step(staff, uid, plan, title="Visit", due_on="2026-11-30", owner=staff.uid or "")
    plans.add_step(staff, uid, plan, title="Offer")
    plans.change_step(staff, uid, plan, step, title="Go there", owner=staff.uid or "", version=1)
    with pytest.raises(Conflict):
        plans.change_step(staff, uid, plan, step, title="Mine", version=1)
    with pytest.raises(Refusal) as refused:
        plans.change_step(staff, uid, plan, step, title="Go there", owner=ada.uid or "")
    assert refused.value.field == "owner"
    before = plans.listed(row_id)
    item = plans.remove_step(staff, uid, plan, step)
    with transaction():
        plans.put_step_back(staff, uid, kept(ORGANISATION, row_id, item))
    assert plans.listed(row_id) == before
    item = plans.delete(staff, uid, plan)
    assert plans.listed(row_id) == []
    with transaction():
        plans.put_back(staff, uid, kept(ORGANISATION, row_id, item))
    assert [row["title"] for row in plans.listed(row_id)[0]["steps"]] == ["Go there", "Offer"]


def test_what_was_removed_of_a_person_is_forgotten_with_them(person: Person) -> None:
    from ecrm_server.customers import personal

    ada, staff = person("Ada"), person("Stella", "staff")
    assert ada.account_id is not None
    uid = str(services.for_account(ada.account_id))
    contacts.remove_point(
        staff, CUSTOMER, uid, contacts.add_point(staff, CUSTOMER, uid, kind="phone", value="+49 30 12345")
    )
    with transaction():
        personal.erase(ada.account_id)
    assert Prepared("SELECT COUNT(*) FROM customer_removed").value() == 0
