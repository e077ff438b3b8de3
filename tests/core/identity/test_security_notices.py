"""People are told, in the bell and by mail, of what happens to the security of their account."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from ecrm_server.data import Prepared, transaction
from ecrm_server.identity import apikeys, browsers, keys, services, sessions
from ecrm_server.identity.testing import PASSWORD, actor_of, make_account, session_key
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import TOKEN, Person, link_in

pytestmark = pytest.mark.usefixtures("both_engines")
Persons = Callable[[], Person]
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
NOTICES = Prepared("SELECT title, url, kind FROM notice WHERE account_id = ? ORDER BY id")
MAILS = Prepared("SELECT subject, text, recipient FROM mail WHERE kind = 'notices.security' ORDER BY id")


@pytest.fixture
def told(deliver: Callable[[], int]) -> Callable[[Any], list[str]]:
    """``told(account)``: what the person was told so far, in the bell and (checked here) by mail alike."""

    def titles(account: Any) -> list[str]:
        deliver()
        notices = NOTICES.rows(account.id)
        assert {(row["url"], row["kind"]) for row in notices} <= {("/me/security", "notices.security")}
        mails = MAILS.rows()
        assert [mail["subject"] for mail in mails] == [row["title"] for row in notices]
        assert all("http://localhost/me/security" in mail["text"] for mail in mails)
        return [row["title"] for row in notices]

    return titles


def sign_in(person: Person, **options: Any) -> None:
    form = {"email": "ada@example.org", "password": PASSWORD}
    assert person.submit("/login", form, **options).status_code == 302


def test_a_new_browser_is_told_of_once_and_the_very_first_one_never(
    site: Site, person: Persons, told: Callable[[Any], list[str]]
) -> None:
    ada = make_account("Ada", email="ada@example.org")
    home, office = person(), person()
    sign_in(home)
    assert told(ada) == []
    sign_in(office, headers=FIREFOX)
    assert told(ada) == ["Your account was signed in to from a new browser: Firefox, Linux"]
    for browser in (home, office):
        browser.submit("/logout", page="/me")
        sign_in(browser)
    assert len(told(ada)) == 1
    office.client.set_cookie(browsers.COOKIE, "0" * 32, path=browsers.PATH)
    office.submit("/logout", page="/me")
    sign_in(office)
    assert len(told(ada)) == 2, "a mark that somebody made up is none"


def test_one_browser_remembers_several_people(site: Site) -> None:
    cookie = ""
    for account_id in range(1, browsers.MOST + 2):
        assert not browsers.knows(cookie, account_id)
        cookie = browsers.remembering(cookie, account_id)
        assert browsers.knows(cookie, account_id)
    assert not browsers.knows(cookie, 1)
    assert browsers.remembering(cookie, browsers.MOST + 1) == cookie


def test_signing_in_as_one_of_the_demo_s_people_is_no_news(
    site: Site, person: Persons, told: Callable[[Any], list[str]]
) -> None:
    ada = make_account("Ada", email="ada@example.org", demo=True)
    for browser in (person(), person()):
        sign_in(browser)
    assert told(ada) == []


def test_a_new_password_is_told_of_however_it_was_set(
    site: Site, person: Persons, told: Callable[[Any], list[str]]
) -> None:
    ada = make_account("Ada", email="ada@example.org")
    browser = person()
    sign_in(browser)
    new = "quite another one"
    browser.submit("/me/password", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert told(ada) == ["The password of your account was changed"]
    with transaction():
        services.password_changed(ada)
    assert told(ada) == ["The password of your account was changed"] * 2
    kinds = {row["kind"] for row in Prepared("SELECT kind FROM mail").rows()}
    assert kinds == {"notices.security"}, "one mail tells of it, not two"
    assert "http://localhost/reset" in MAILS.rows()[0]["text"], "whoever was locked out finds the way back"


def test_a_new_address_is_told_of(site: Site, person: Persons, told: Callable[[Any], list[str]]) -> None:
    ada = make_account("Ada", email="ada@example.org")
    browser = person()
    sign_in(browser)
    browser.submit("/me/email", {"email": "new@example.org"})
    sent = Prepared("SELECT text FROM mail WHERE recipient = ?").value("new@example.org")
    browser.submit(link_in(sent))
    assert told(ada) == ["The e-mail address of your account was changed"]
    assert MAILS.rows()[0]["recipient"] == "new@example.org"


def test_one_time_codes_are_told_of_when_they_go_on_and_off(
    site: Site, person: Persons, told: Callable[[Any], list[str]]
) -> None:
    ada = make_account("Ada", email="ada@example.org")
    browser = person()
    sign_in(browser)
    page = browser.submit("/me/two-factor", {"setup": "authenticator"}).text
    secret, action = re.search(r'class="secret">([^<]+)<', page), re.search(r'"(/me/two-factor/[^"]+)"', page)
    token = TOKEN.search(page)
    assert secret
    assert action
    assert token
    code = pyotp.TOTP(re.sub(r"[\s-]", "", secret[1])).now()
    browser.post(action[1], {"code": code, "csrf_token": token[1]})
    assert told(ada) == ["One-time codes were switched on for your account"]
    browser.submit("/me/two-factor", {"setup": "disable"})
    assert told(ada)[1:] == ["One-time codes were switched off for your account"]


def test_a_new_api_key_is_told_of(site: Site, told: Callable[[Any], list[str]]) -> None:
    ada = make_account("Ada", roles=["admin"])
    apikeys.create(actor_of(ada), "Robot", ["identity.invite"])
    assert told(ada) == ["An API key was made for your account"]


def test_ended_sessions_are_told_of_and_signing_out_oneself_is_not(
    site: Site, person: Persons, told: Callable[[Any], list[str]]
) -> None:
    ada = make_account("Ada", email="ada@example.org")
    for _ in range(2):
        session_key(ada)
    browser = person()
    browser.hold(session_key(ada))
    own = keys.digest(browser.key)
    uid = next(row["uid"] for row in sessions.listed(ada.id) if row["key_hash"] != own)
    browser.submit(f"/me/sessions/{uid}/revoke", page="/me/security")
    browser.submit("/me/sessions/revoke-others", page="/me/security")
    session_key(ada)
    session_key(ada)
    services.revoke_all(ada.id, except_="", reason="revoked")
    expected = [1, 1, 3]
    assert told(ada) == [
        f"Your account was signed out in {number} {'browser' if number == 1 else 'browsers'}"
        for number in expected
    ]
    browser.hold(session_key(ada)).submit("/logout", page="/me")
    assert len(told(ada)) == len(expected)
