"""What people agree to: given, withdrawn, recorded for good."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.admin import services as admin
from ecrm_server.consent import questions, services
from ecrm_server.consent.kind import Purpose
from ecrm_server.consent.records import holds
from ecrm_server.customers import services as customers
from ecrm_server.data import Prepared, database
from ecrm_server.errors import Refusal
from ecrm_server.identity import invitations
from ecrm_server.identity.models import Account
from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser
from tests.core.consent.conftest import register, token_of

Person = Callable[..., Actor]
WORDS = "Tell me by e-mail what is new on this site"


def of(actor: Actor) -> int:
    assert actor.account_id is not None
    return actor.account_id


def test_a_consent_is_given_withdrawn_and_told_of(person: Person, emitted: Any) -> None:
    ada = person("Ada")
    assert not services.allowed(of(ada), "news")
    services.give(ada, "news", place="/me/data")
    services.give(ada, "news", place="/me/data")
    assert services.allowed(of(ada), "news")
    services.withdraw(ada, "news", source="api")
    assert not services.allowed(of(ada), "news")
    rows = services.history(of(ada))
    assert [(row["decision"], row["source"], row["place"]) for row in rows] == [
        ("withdrawn", "api", ""),
        ("given", "page", "/me/data"),
    ]
    assert [
        event["data"]["purpose"] for event in emitted("consent.given") + emitted("consent.withdrawn")
    ] == [
        "news",
        "news",
    ]


def test_a_record_holds_the_exact_words_their_digest_and_the_basis(person: Person) -> None:
    ada = person("Ada")
    services.give(ada, "news")
    (row,) = services.history(of(ada))
    assert row["wording"] == WORDS
    assert row["digest"] == hashlib.sha256(WORDS.encode()).hexdigest()
    assert (row["basis"], row["version"], row["actor_id"]) == ("consent", 1, of(ada))


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM consent_record"]
    + [
        f"UPDATE consent_record SET {column} = {column}"
        for column in (
            "account_id",
            "visitor",
            "purpose",
            "decision",
            "wording",
            "digest",
            "at",
            "source",
            "actor_id",
        )
    ],
)
def test_the_database_refuses_to_change_a_record(person: Person, statement: str) -> None:
    services.give(person("Ada"), "news")
    with pytest.raises(Exception, match="append-only"):
        Prepared(statement).run()


def test_the_sealed_audit_log_vouches_for_the_words(person: Person) -> None:
    ada = person("Ada")
    services.give(ada, "news")
    after = Prepared("SELECT after FROM audit_entry WHERE action = 'consent.given'").value()
    assert services.history(of(ada))[0]["digest"] in after


def test_what_was_given_to_older_words_does_not_hold(person: Person, site: Site) -> None:
    ada, bea = person("Ada"), person("Bea")
    services.give(ada, "news")
    services.give(bea, "news")
    services.withdraw(bea, "news")
    admin.save_settings(SYSTEM, "consent", {"purposes": "news@2: Sell my address"})
    site.dispatcher.refresh(wait=True)
    assert not services.allowed(of(ada), "news")
    services.give(ada, "news")
    assert services.allowed(of(ada), "news")
    assert [row["wording"] for row in services.history(of(ada))] == ["Sell my address", WORDS]
    assert not services.allowed(of(bea), "news")


def test_a_consent_that_is_not_asked_for_any_more_allows_nothing(person: Person, site: Site) -> None:
    ada = person("Ada")
    services.give(ada, "news")
    admin.save_settings(SYSTEM, "consent", {"purposes": ""})
    site.dispatcher.refresh(wait=True)
    assert not services.allowed(of(ada), "news")
    with pytest.raises(Refusal):
        services.give(ada, "news")


def purpose(basis: Any) -> Purpose:
    return Purpose(key="x.y", title="X", about="For x.", wording="Do x", basis=basis)


@pytest.mark.parametrize(
    "basis, silent, no, yes",
    [("consent", False, False, True), ("interest", True, False, True), ("contract", True, True, True)],
)
def test_each_lawful_basis_has_its_own_answer_to_silence(
    basis: str, silent: bool, no: bool, yes: bool
) -> None:
    states = (None, {"given": False, "version": 1}, {"given": True, "version": 1})
    assert tuple(holds(purpose(basis), state) for state in states) == (silent, no, yes)


def test_two_who_decide_at_once_write_one_record(person: Person) -> None:
    ada = person("Ada")

    def give(_: int) -> None:
        with database.connection_context():
            services.give(ada, "news")

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(give, range(8)))
    assert len(services.history(of(ada))) == 1


def test_staff_note_what_a_customer_told_them(person: Person) -> None:
    ada, bob = person("Ada"), person("Bob", "staff")
    services.give(bob, "news", source="staff", place="on the phone", account_id=of(ada))
    (row,) = services.history(of(ada))
    assert (row["source"], row["actor_id"]) == ("staff", of(bob))
    with pytest.raises(ValueError, match="source"):
        services.give(bob, "news", source="guess", account_id=of(ada))


def test_the_page_shows_words_since_when_and_history(both_engines: str, sign_in: Any) -> None:
    ada = sign_in("Ada")
    assert WORDS in ada.get("/me/data").text
    ada.post("/me/data/consents", {"purpose": "news", "given": "1"})
    page = ada.get("/me/data").text
    assert "Withdraw: News" in page
    assert "<code>/me/data</code>" in page
    ada.post("/me/data/consents", {"purpose": "news"})
    assert not services.allowed(ada.account.id, "news")


def test_staff_see_consents_on_the_page_of_a_customer(both_engines: str, sign_in: Any, deliver: Any) -> None:
    ada, bob = sign_in("Ada"), sign_in("Bob", "staff")
    deliver()
    ada.post("/me/data/consents", {"purpose": "news", "given": "1"})
    customer = customers.of_account(ada.account.id)["uid"]
    page = bob.get(f"/customers/{customer}").text
    assert "Consents" in page
    assert WORDS in page
    assert "Withdraw: News" not in page


def test_programs_read_and_change_consents(both_engines: str, sign_in: Any, deliver: Any) -> None:
    ada, bob = sign_in("Ada"), sign_in("Bob", "staff")
    deliver()
    answer = ada.put("/api/v1/consent/mine/news", json={"given": True})
    (consent,) = [item for item in answer.json["consents"] if item["purpose"] == "news"]
    assert (consent["allowed"], consent["wording"], consent["basis"]) == (True, WORDS, "consent")
    assert ada.get("/api/v1/consent/mine").json["history"][0]["source"] == "api"
    assert ada.put("/api/v1/consent/mine/nothing", json={"given": True}).status_code == 422
    customer = customers.of_account(ada.account.id)["uid"]
    assert bob.get(f"/api/v1/consent/customers/{customer}").json["history"][0]["purpose"] == "news"
    assert ada.get(f"/api/v1/consent/customers/{customer}").status_code == 403


def test_the_form_of_a_new_account_asks_with_boxes_that_are_not_ticked(
    both_engines: str, site: Site, visitor: Browser
) -> None:
    page = visitor.get("/register").text
    box = re.search(r'<input type="checkbox"[^>]*name="consent"[^>]*>', page)
    assert box is not None
    assert 'value="news@1"' in box[0]
    assert "checked" not in box[0]
    assert WORDS in page
    assert services.history(register(visitor).id) == []


def test_what_was_ticked_is_recorded_with_its_words_and_source(
    both_engines: str, site: Site, visitor: Browser
) -> None:
    account = register(visitor, consent="news@1")
    (decision,) = services.history(account.id)
    assert (decision["decision"], decision["source"], decision["place"]) == ("given", "registration", "/register")
    assert decision["wording"] == WORDS
    assert services.allowed(account.id, "news")
    assert not [question for question in questions.open_ones(account.id) if question.key == "news"]


@pytest.mark.parametrize("ticked", ["news@2", "news", "consent.visits@1", "else@1", "x" * 90])
def test_words_that_were_not_shown_are_not_agreed_to(site: Site, visitor: Browser, ticked: str) -> None:
    assert services.history(register(visitor, consent=ticked).id) == []


def test_a_tick_stays_after_a_mistake_elsewhere(site: Site, visitor: Browser) -> None:
    form = {"name": "", "email": "x", "password": "short", "consent": "news@1"}
    answer = visitor.post("/register", {**form, "csrf_token": token_of(visitor.get("/register").text)})
    box = re.search(r'<input type="checkbox"[^>]*name="consent"[^>]*>', answer.text)
    assert box is not None
    assert "checked" in box[0]


def test_an_invitation_asks_the_same(both_engines: str, site: Site, visitor: Browser) -> None:
    path = f"/invitation/{invitations.invite(SYSTEM, 'bea@example.org')}"
    page = visitor.get(path).text
    assert 'value="news@1"' in page
    form = {"name": "Bea", "password": "correct horse battery", "consent": "news@1", "csrf_token": token_of(page)}
    assert visitor.post(path, form).status_code == 302
    (decision,) = services.history(Account.get(Account.email == "bea@example.org").id)
    assert (decision["source"], decision["place"]) == ("registration", "/invitation")
