from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.data import database, transaction
from ecrm_server.errors import Conflict, Forbidden, Refusal
from ecrm_server.identity import claim, demo, invitations, passwords, services
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import PASSWORD, actor_of, make_account, session_key
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import TOKEN, Person, link_in

Persons = Callable[[], Person]
ADMIN = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


def claim_path() -> str:
    return claim.make_claim_link(current.generation().config).removeprefix("http://localhost")


def test_the_claim_link_makes_the_first_administrator_once(
    site: Site, both_engines: str, person: Persons
) -> None:
    path = claim_path()
    ada = person()
    assert ada.submit(path, ADMIN).location == "/admin"
    assert ada.get("/admin/roles").status_code == 200
    used = person().get(path)
    assert (used.status_code, "This link was used" in used.text) == (410, True)
    assert person().get(path, headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 404
    assert person().get(claim_path()).status_code == 404, "there is an administrator now"


@pytest.mark.settings(demo=True)
@pytest.mark.parametrize("door", ["claim", "sign in", "try as"])
def test_whoever_came_in_through_a_form_can_save_at_once(site: Site, person: Persons, door: str) -> None:
    demo.load()
    path, browser = claim_path(), person()
    browser.get(path)  # a page with a form, whose token is kept with the session
    if door == "claim":
        browser.submit(path, ADMIN)
    elif door == "sign in":
        make_account("Ada", ("admin",), email="ada@example.org")
        browser.sign_in("ada@example.org", PASSWORD)
    else:
        browser.submit("/try/admin", page="/login")
    answer = browser.submit("/admin/setup/name", {"site_name": "Harbour Riders"})
    assert (answer.status_code, answer.location) == (303, "/admin/setup/look")


def test_a_weak_password_does_not_use_the_claim_link_up(site: Site, person: Persons) -> None:
    path = claim_path()
    ada = person()
    assert ada.submit(path, ADMIN | {"password": "short"}).status_code == 422
    assert ada.submit(path, ADMIN).status_code == 302


@pytest.mark.parametrize(
    "headers", [{"Forwarded": "for=1.2.3.4"}, {"X-Forwarded-For": "1.2.3.4"}, {"X-Forwarded-Host": "x"}]
)
def test_the_claim_link_is_not_there_through_a_proxy(
    site: Site, person: Persons, headers: dict[str, str]
) -> None:
    path = claim_path()
    assert person().get(path, headers=headers).status_code == 404
    assert person().get(path).status_code == 200


def test_the_claim_link_is_not_there_under_another_host(site: Site, person: Persons) -> None:
    path = claim_path()
    assert person().client.get(path, base_url="http://crm.example.org").status_code == 400


@pytest.mark.settings(base_url="https://crm.example.org", demo=True)
def test_a_public_site_has_no_claim_link(site: Site, person: Persons) -> None:
    path = claim.make_claim_link(current.generation().config).removeprefix("https://crm.example.org")
    assert person().client.get(path, base_url="https://crm.example.org").status_code == 404


@pytest.mark.settings(demo=True)
def test_a_demo_can_be_tried_as_each_of_its_people(site: Site, both_engines: str, person: Persons) -> None:
    demo.load()
    for role, name in (("admin", "Demo admin"), ("customer", "Demo customer"), ("partner", "Demo partner")):
        browser = person()
        assert browser.submit(f"/try/{role}", page="/login").status_code == 302
        assert name in browser.get("/me").text
    assert not services.has_admin(), "the demo's administrator does not count"
    demo.remove()
    assert not demo.is_loaded()


@pytest.mark.settings(demo=True)
@pytest.mark.parametrize("headers", [{"Forwarded": "for=1.2.3.4"}, {"X-Forwarded-For": "127.0.0.1"}])
def test_a_demo_cannot_be_tried_through_a_proxy(site: Site, person: Persons, headers: dict[str, str]) -> None:
    demo.load()
    browser = person()
    assert "/try/admin" not in browser.get("/login", headers=headers).text
    assert browser.submit("/try/admin", page="/login", headers=headers).status_code == 404


@pytest.mark.settings(demo=True)
def test_a_demo_cannot_be_tried_from_another_machine(site: Site, person: Persons) -> None:
    demo.load()
    browser = person()
    options: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert browser.submit("/try/admin", page="/login", **options).status_code == 404


def test_nothing_can_be_tried_without_the_demo(site: Site, person: Persons) -> None:
    demo.load()
    assert "/try/" not in person().get("/login").text
    assert person().submit("/try/admin", page="/login").status_code == 404


def test_the_demos_people_have_no_password(site: Site, person: Persons) -> None:
    demo.load()
    assert person().sign_in("admin@demo.example", "").status_code == 200
    assert services.account_by_email("admin@demo.example").password is None  # type: ignore[union-attr]


def test_an_invitation_makes_an_account_with_its_roles(
    site: Site, both_engines: str, person: Persons, mails: Callable[[], list[dict[str, Any]]]
) -> None:
    make_account("Ada", ("admin",), email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    ada.submit("/admin/invitations", {"email": "ben@example.org", "roles": "staff"})
    path = link_in(mails()[-1]["text"])
    ben = person()
    assert ben.submit(path, {"name": "Ben", "password": PASSWORD}).status_code == 302
    account = services.account_by_email("ben@example.org")
    assert account is not None
    assert services.roles_of(account.id) == ["staff"]
    assert account.confirmed_at is not None
    assert person().get(path).status_code == 404


def test_an_invitation_opened_while_signed_in_leads_out_and_on(
    site: Site, both_engines: str, person: Persons
) -> None:
    path = f"/invitation/{invitations.invite(SYSTEM, 'ben@example.org', ['staff'])}"
    make_account("Ada", email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    page = ada.get(path)
    assert page.status_code == 200
    assert "You are signed in as Ada." in page.text
    assert "Use it for this account" not in page.text
    assert ada.submit(path, page=path).status_code == 422
    answer = ada.submit("/logout", {"next": path}, page=path)
    assert answer.location == path
    assert ada.submit(path, {"name": "Ben", "password": PASSWORD}).status_code == 302


def test_an_invitation_to_one_s_own_address_gives_its_roles_to_the_account(
    site: Site, both_engines: str, person: Persons
) -> None:
    path = f"/invitation/{invitations.invite(SYSTEM, 'ben@example.org', ['staff'])}"
    ben = make_account("Ben", ("moderator",), email="Ben@example.org")
    browser = person()
    browser.sign_in("ben@example.org", PASSWORD)
    other = session_key(ben)
    assert "Use it for this account" in browser.get(path).text
    assert browser.submit(path).location == "/"
    assert services.roles_of(ben.id) == ["moderator", "staff"]
    assert browser.get("/admin").status_code == 200, "the roles hold at once, in the same session"
    assert person().hold(other).get("/me").status_code == 302, (
        "other sessions end, as with every change of roles"
    )
    assert browser.get(path).status_code == 404, "an invitation is used once"


def test_staff_invite_only_to_roles_of_their_own(site: Site) -> None:
    staff = actor_of(make_account("Sam", ("staff",)))
    invitations.invite(staff, "x@example.org", ["staff"])
    with pytest.raises(Forbidden):
        invitations.invite(staff, "y@example.org", ["admin"])
    with pytest.raises(Conflict):
        invitations.invite(SYSTEM, "sam@example.org")


def test_an_expired_or_withdrawn_invitation_is_dead(site: Site, person: Persons) -> None:
    token = invitations.invite(SYSTEM, "x@example.org")
    invitations.withdraw(SYSTEM, invitations.listed()[0]["uid"])
    assert person().get(f"/invitation/{token}").status_code == 404


def test_the_last_administrator_stays(site: Site) -> None:
    account = make_account("Ada", ("admin",))
    with pytest.raises(Refusal):
        services.set_roles(SYSTEM, account, [])
    make_account("Ben", ("admin",))
    services.set_roles(SYSTEM, account, [])
    assert services.roles_of(account.id) == []


def test_only_administrators_make_administrators(site: Site) -> None:
    staff, other = make_account("Sam", ("staff",)), make_account("Olga")
    with pytest.raises(Forbidden):
        services.set_roles(actor_of(staff), other, ["admin"])


def test_a_form_without_token_is_no_way_in(site: Site, person: Persons) -> None:
    path = claim_path()
    assert TOKEN.search(person().get(path).text)
    browser = person()
    browser.get(path)
    assert browser.post(path, ADMIN).status_code == 400


def test_two_last_administrators_do_not_leave_at_once(site: Site, both_engines: str) -> None:
    people = [make_account("Ada", ("admin",)), make_account("Ben", ("admin",))]
    start, refused = threading.Barrier(2), []

    def leave(account: Account) -> None:
        with database.connection_context():
            start.wait(10)
            try:
                with transaction():
                    services.set_roles(SYSTEM, account, [])
                    time.sleep(0.2)
            except Refusal:
                refused.append(account.id)

    threads = [threading.Thread(target=leave, args=(account,)) for account in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert services.has_admin()


def test_no_password_is_hashed_while_a_transaction_is_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes tens of milliseconds, and on SQLite every other writer waits for the transaction."""
    open_ones, hash_password = [], passwords.hash_password

    def watched(password: str) -> str:
        open_ones.append(database.in_transaction())
        return hash_password(password)

    monkeypatch.setattr(passwords, "hash_password", watched)
    token = claim.make_claim_link(site.config).rpartition("/")[2]
    claim.claim(token, name="Ada", email="ada@example.org", password=PASSWORD)
    invitations.accept(invitations.invite(SYSTEM, "ben@example.org"), name="Ben", password=PASSWORD)
    assert open_ones == [False, False]
