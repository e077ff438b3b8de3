"""Answers on the page of the customer: a real mail server takes our mails, a real mailbox holds the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.customers import activities, contacts, fields, merging, personal, removed, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.mailbox import services as mailbox
from tests.core.mailbox.conftest import Office, answer_to
from tests.core.mailbox.samples import bounce_of

pytestmark = pytest.mark.imap

NOTICES = Prepared("SELECT kind, title, url, excerpt FROM notice WHERE account_id = ? ORDER BY id")
LOGGED = Prepared("SELECT COUNT(*) FROM activity WHERE customer_id = (SELECT id FROM customer WHERE uid = ?)")


def counts() -> tuple[int, int, int, int]:
    status = mailbox.status()
    assert status is not None
    assert status.row is not None
    row = status.row
    return row["answers"], row["bounces"], row["others"], row["unreadable"]


def test_an_answer_stands_with_the_mail_that_it_answers(
    both_engines: str, office: Office, emitted: Any, deliver: Any
) -> None:
    mail = office.send()
    assert mail["Reply-To"] == f"Stella <{office.login}>"
    assert mail["Auto-Submitted"] == "no"
    quoted = "Yes, please.\n\nOn Monday, 3 March, Stella wrote:\n> Shall we deliver?\n"
    office.arrive(answer_to(mail, quoted))
    office.read()
    (entry,) = office.entries()
    sent, answer = entry.thread
    assert (entry.title, entry.at) == ("Your quote", answer.at)
    assert (sent.actor_name, str(sent.html), sent.received) == ("Stella", "<p>Shall we deliver?</p>\n", None)
    assert (answer.title, str(answer.html)) == ("Re: Your quote", "<p>Yes, please.</p>\n")
    assert answer.received is not None
    assert (answer.received.name, answer.received.address) == ("Bo Derek", "bo@cogs.example")
    assert (answer.received.known, answer.received.nature) == (True, "answer")
    assert answer.received.quoted == "On Monday, 3 March, Stella wrote:\n> Shall we deliver?"
    assert NOTICES.tuples(office.staff.account_id) == [
        ("customers.answer", "Re: Your quote", f"/customers/{office.customer}", "Bo")
    ]
    told = emitted("customers.logged")[-1]["data"]
    assert told == {
        "customer": office.customer, "organisation": None, "activity": answer.ref, "kind": "mail", "change": "received",
    }  # fmt: skip
    office.read()
    assert len(office.entries()[0].thread) == 2
    assert counts() == (1, 0, 0, 0)


def test_what_quotes_no_mail_of_ours_is_left_as_it_is(office: Office) -> None:
    mail = office.send()
    stranger = answer_to(
        {"Subject": "x", "Message-ID": "<abcdefghjkmn@localhost>", "References": "", "Reply-To": "x"}
    )
    del stranger["In-Reply-To"]
    office.arrive(stranger)
    office.arrive(b"Subject: Hello\r\nFrom: bo@cogs.example\r\n\r\nNo answer to anything\r\n")
    copy = answer_to(mail)  # our own mail, sent to the mailbox too
    del copy["Message-ID"]
    copy["Message-ID"] = mail["Message-ID"]
    office.arrive(copy)
    office.arrive(answer_to(mail))
    office.read()
    assert counts() == (1, 0, 3, 0)
    assert LOGGED.value(office.customer) == 2
    client = office.imap.client(office.login)
    client.select("INBOX", readonly=True)
    _, flags = client.fetch("1:4", "(FLAGS)")
    client.logout()
    assert len(flags) == 4
    assert b"Seen" not in b"".join(line for line in flags if isinstance(line, bytes))


def test_an_answer_is_taken_once_though_the_mailbox_is_numbered_anew(
    both_engines: str, open_office: Callable[..., Office]
) -> None:
    office = open_office("Entwürfe & mehr")
    folder = '"Entw&APw-rfe &- mehr"'
    answer = answer_to(office.send())
    for _ in range(2):
        client = office.imap.client(office.login)
        client.create(folder)
        client.logout()
        office.arrive(answer, folder)
        office.read()
        client = office.imap.client(office.login)
        client.delete(folder)
        client.logout()
    assert len(office.entries()[0].thread) == 2
    assert counts() == (1, 0, 1, 0)


def test_a_sender_whose_address_is_not_known_is_marked_until_it_is(office: Office) -> None:
    mail = office.send()
    office.arrive(answer_to(mail, sender='"bo@cogs.example" <bo@home.example>'))
    office.read()

    def known() -> Any:
        received = office.entries()[0].thread[1].received
        assert received is not None
        return received.name, received.address, received.known

    assert known() == ("bo@cogs.example", "bo@home.example", False)
    contacts.add_point(office.staff, CUSTOMER, office.customer, kind="email", value="BO@home.example")
    assert known() == ("bo@cogs.example", "bo@home.example", True)


def test_who_may_not_read_addresses_does_not_read_them_in_answers(office: Office) -> None:
    office.arrive(answer_to(office.send(), sender="Bo <bo@cogs.example>"))
    office.read()
    admin = actor_of(make_account("Ada", roles=["admin"]))
    fields.set_rule(admin, CUSTOMER, "email", ["admin"], ["admin"])
    office.site.refresh()
    seen = office.entries()[0].thread[1].received
    assert seen is not None
    assert (seen.name, seen.address) == ("Bo", "")


def test_a_mail_that_comes_back_is_marked_with_the_reason(
    both_engines: str, office: Office, emitted: Any
) -> None:
    mail = office.send()
    office.arrive(bounce_of(mail, "550 5.1.1 <bo@cogs.example>: Recipient address rejected"))
    office.read()
    (entry,) = office.entries()
    sent, report = entry.thread
    reason = "550 5.1.1 <bo@cogs.example>: Recipient address rejected"
    assert (sent.fault, entry.fault) == (reason, reason)
    assert report.received is not None
    assert (report.received.nature, report.received.files) == ("bounce", ())
    assert Prepared("SELECT state, error FROM mail WHERE kind = 'customers.mail'").tuples() == [
        ("failed", f"It came back: {reason}")
    ]
    assert [row["title"] for row in NOTICES.rows(office.staff.account_id)] == ["Not delivered: Your quote"]
    assert emitted("customers.logged")[-1]["data"]["change"] == "undelivered"
    assert counts() == (0, 1, 0, 0)


def test_automatic_answers_are_shown_as_such_and_ring_no_bell(office: Office) -> None:
    office.arrive(answer_to(office.send(), "I am away.", Auto_Submitted="auto-replied (vacation)"))
    office.read()
    received = office.entries()[0].thread[1].received
    assert received is not None
    assert received.nature == "automatic"
    assert NOTICES.tuples(office.staff.account_id) == []


def test_an_answer_is_found_though_a_mail_service_gave_our_mail_another_id(office: Office) -> None:
    mail = office.send()
    renamed = {name: mail[name] for name in ("Reply-To", "Subject", "References")}
    office.arrive(answer_to(renamed | {"Message-ID": "<0102@mailservice.example>"}))
    office.read()
    assert len(office.entries()[0].thread) == 2


def test_staff_answer_the_answer_and_the_thread_goes_on(both_engines: str, office: Office) -> None:
    first = office.send()
    office.arrive(answer_to(first, "Yes."))
    office.send("Another matter", subject="Another")
    office.read()
    answer = office.thread("Your quote")[1]
    second = office.send("On Friday?", subject="Re: Your quote", answers=answer.ref)
    theirs = second["In-Reply-To"]
    assert theirs.endswith("@cogs.example>")
    assert second["References"].split()[:2] == [first["Message-ID"], theirs]
    office.arrive(answer_to(second, "Friday is fine."))
    office.read()
    assert [mail.html.striptags() for mail in office.thread("Your quote")] == [
        "Shall we deliver?", "Yes.", "On Friday?", "Friday is fine.",
    ]  # fmt: skip
    assert office.thread("Another") == ()
    with pytest.raises(Refusal) as refused:
        office.send("x", answers="gone")
    assert refused.value.field == "answers"


def test_what_is_deleted_leaves_the_rest_in_its_place_and_comes_back_to_its_own(
    both_engines: str, office: Office
) -> None:
    admin = actor_of(make_account("Ada", roles=["admin"]))

    def delete(activity: str) -> str:
        return activities.delete(admin, CUSTOMER, office.customer, activity)

    def put_back(item: str) -> None:
        with transaction():
            kept = removed.take(CUSTOMER, services.get(admin, office.customer)["id"], item)
            activities.put_back(admin, CUSTOMER, office.customer, kept.data)

    mail = office.send()
    for text in ("Yes", "And soon"):
        office.arrive(answer_to(mail, text))
    office.arrive(bounce_of(mail, "550 no"))
    office.read()
    before = office.entries()
    sent, first, _second, report = before[0].thread
    item = delete(first.ref)
    assert [entry.ref for entry in office.entries()[0].thread] == [
        entry.ref for entry in before[0].thread if entry is not first
    ]
    put_back(item)
    assert office.entries() == before
    items = [delete(report.ref), delete(sent.ref)]
    assert [entry.title for entry in office.entries()] == ["Re: Your quote", "Re: Your quote"]
    assert all(entry.received and not entry.thread for entry in office.entries())
    for item in reversed(items):
        put_back(item)
    assert office.entries() == before


def test_what_was_answered_while_its_mail_was_deleted_joins_it_again(office: Office) -> None:
    admin = actor_of(make_account("Ada", roles=["admin"]))
    office.arrive(answer_to(office.send(), "Yes"))
    office.read()
    sent, answer = office.entries()[0].thread
    item = activities.delete(admin, CUSTOMER, office.customer, sent.ref)
    office.send("Good", subject="Re: Your quote", answers=answer.ref)
    assert [mail.html.striptags() for mail in office.entries()[0].thread] == ["Yes", "Good"]
    with transaction():
        kept = removed.take(CUSTOMER, services.get(admin, office.customer)["id"], item)
        activities.put_back(admin, CUSTOMER, office.customer, kept.data)
    (entry,) = office.entries()
    assert [mail.html.striptags() for mail in entry.thread] == ["Shall we deliver?", "Yes", "Good"]


def sent_before() -> dict[str, str]:
    """What a mail program still knows of the first mail that was sent."""
    uid = Prepared("SELECT uid FROM mail WHERE kind = 'customers.mail' ORDER BY id").value()
    return {"Message-ID": f"<{uid}@localhost>", "References": "", "Subject": "y", "Reply-To": "x"}


def test_answers_go_with_the_customer_when_two_are_merged_and_parted(
    both_engines: str, office: Office
) -> None:
    first = office.send()
    office.arrive(answer_to(first, "Before"))
    office.read()
    other, alone = services.create(office.staff, "Robert"), office.customer
    merge = merging.merge(office.staff, CUSTOMER, other, alone)
    office.arrive(answer_to(first, "Meanwhile"))
    office.read()
    office.customer = other
    assert len(office.entries()[0].thread) == 3
    merging.undo(office.staff, CUSTOMER, merge)
    assert office.entries() == []
    office.customer = alone
    assert [mail.html.striptags() for mail in office.entries()[0].thread[1:]] == ["Before", "Meanwhile"]


def test_answers_are_exported_and_erased_with_the_customer(
    both_engines: str, office: Office, deliver: Any
) -> None:
    account = make_account("Cy", email="cy@cogs.example")
    deliver()
    office.customer = services.of_account(account.id)["uid"]
    office.arrive(answer_to(office.send(), "Secret words\n\n-- \nCy", sender="Cy <cy@cogs.example>"))
    office.read()
    found = personal.export(account.id)
    assert found is not None
    sent, answer = found["logged"]
    assert sent.keys() == {"kind", "subject", "text", "at"}
    assert (answer["text"], answer["sender_address"]) == ("Secret words\n\n-- \nCy", "cy@cogs.example")
    assert answer["attached"] == []
    with transaction():
        personal.erase(account.id)
    assert Prepared("SELECT COUNT(*) FROM received_mail").value() == 0
    assert LOGGED.value(office.customer) == 0
    office.arrive(answer_to(sent_before()))
    office.read()
    assert LOGGED.value(office.customer) == 0
    assert counts() == (1, 0, 1, 0)


def test_who_does_not_see_the_customer_any_more_is_told_nothing(office: Office) -> None:
    mail = office.send()
    Prepared("DELETE FROM account_role WHERE account_id = ?").run(office.staff.account_id)
    office.arrive(answer_to(mail))
    office.read()
    assert LOGGED.value(office.customer) == 2
    assert NOTICES.tuples(office.staff.account_id) == []


def test_an_answer_is_answered_in_its_place(office: Office, sign_in: Any) -> None:
    office.arrive(answer_to(office.send()))
    office.read()
    answer = office.entries()[0].thread[1]
    stan = sign_in("Stan", "staff")
    path = f"/customers/{office.customer}/activities/{answer.ref}/answer"
    assert f'href="{path}"' in stan.get(f"/customers/{office.customer}").text
    form = stan.get(path).text
    assert 'value="Re: Your quote"' in form
    assert "Answers come back to this page." in form
    empty = stan.post(path, {"subject": "Re: Your quote", "text": " "})
    assert (empty.status_code, "Write something first." in empty.text) == (422, True)
    assert stan.post(path, {"subject": "Re: Your quote", "text": "Fine."}).status_code == 302
    assert office.entries()[0].thread[2].actor_name == "Stan"
    assert stan.get(f"/customers/{office.customer}/activities/gone/answer").status_code == 404
    assert sign_in("Bea").get(path).status_code == 403
