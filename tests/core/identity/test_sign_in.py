from __future__ import annotations

import re
import time
from collections.abc import Callable
from statistics import median
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from passlib.exc import TokenError

from ecrm_server import data
from ecrm_server.data import Prepared
from ecrm_server.identity import services
from ecrm_server.identity.datastore import User
from ecrm_server.identity.library import OneTimeCodes
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import PASSWORD, make_account, session_key
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import TOKEN, Person, link_in

Persons = Callable[[], Person]
Mails = Callable[[], list[dict[str, Any]]]
FORM = {"name": "Ada Lovelace", "email": "ada@example.org", "password": PASSWORD, "terms": "y"}


def without_tokens(text: str) -> str:
    """A page without what differs every time."""
    return re.sub(r'value="[^"]{20,}"', "", text)


def test_an_account_is_made_confirmed_and_used(
    site: Site, both_engines: str, person: Persons, mails: Mails
) -> None:
    ada = person()
    assert ada.submit("/register", FORM).status_code == 302
    refused = ada.sign_in("ada@example.org", PASSWORD)
    assert "Confirm your e-mail address first" in refused.text
    path = link_in(mails()[-1]["text"])
    ada.get(path)
    assert Account.get(Account.email_key == "ada@example.org").confirmed_at is None, (
        "opening a link confirms nothing"
    )
    assert ada.submit(path).status_code == 302
    assert ada.sign_in("ada@example.org", PASSWORD).status_code == 302
    assert "Ada Lovelace" in ada.get("/me").text
    assert data.Prepared("SELECT COUNT(*) FROM event WHERE name = 'identity.registered'").value() == 1


@pytest.mark.parametrize("given, kept", [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Base", ""), ("UTC", ""), ("", "")])
def test_newcomers_begin_with_the_time_zone_of_their_browser(
    site: Site, person: Persons, given: str, kept: str
) -> None:
    assert person().submit("/register", {**FORM, "timezone": given}).status_code == 302
    assert Account.get(Account.email_key == "ada@example.org").timezone == kept


SAID = ("/register", FORM), ("/reset", {"email": "ada@example.org"}), ("/confirm", {"email": "ada@example.org"})


def said(person: Persons) -> str:
    """What newcomers are told when they register, forget the password and miss the link."""
    visitor = person()
    pages = [visitor.get("/register").text]
    for path, form in SAID:
        pages += [visitor.submit(path, form).text, visitor.get("/login").text]
    return "\n".join(pages)


def test_nobody_is_told_of_a_mail_that_no_server_sends(site: Site, person: Persons) -> None:
    told = said(person)
    assert told.count("This site sends no mail yet") == len(SAID) + 1
    assert "We send a link" not in told
    assert "sent a link" not in told


@pytest.mark.settings(smtp_url="smtp://127.0.0.1:9")
def test_with_a_mail_server_links_are_said_to_come_by_mail(site: Site, person: Persons) -> None:
    told = said(person)
    assert "sends no mail" not in told
    assert "We send a link" in told
    assert told.count("sent a link") == len(SAID)


def test_registration_needs_name_terms_and_a_good_password(site: Site, person: Persons) -> None:
    answer = person().submit("/register", {"email": "ada@example.org", "password": "short", "name": " "})
    assert answer.status_code == 200
    for sentence in ("A name is needed.", "at least 10 characters", "Please read and accept the terms."):
        assert sentence in answer.text


def test_a_taken_address_looks_like_a_free_one(site: Site, person: Persons, mails: Mails) -> None:
    make_account("Ada", email="ada@example.org")
    known, unknown = person(), person()
    first = known.submit("/register", FORM)
    second = unknown.submit("/register", FORM | {"email": "new@example.org"})
    assert (first.status_code, first.location) == (second.status_code, second.location)
    here = known.get("/login").text.replace("ada@example.org", "X")
    there = unknown.get("/login").text.replace("new@example.org", "X")
    assert without_tokens(here) == without_tokens(there)
    assert "You have one already" in mails()[0]["text"]


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_links_are_promised_alike_for_known_and_unknown(
    site: Site, person: Persons, mails: Mails, path: str
) -> None:
    make_account("Ada", email="ada@example.org")
    Account.update(confirmed_at=None if path == "/confirm" else 1).execute()
    answers = [person().submit(path, {"email": address}) for address in ("ada@example.org", "no@example.org")]
    texts = [answer.text.replace("ada@", "X@").replace("no@", "X@") for answer in answers]
    assert without_tokens(texts[0]) == without_tokens(texts[1])
    assert [mail["recipient"] for mail in mails()] == ["ada@example.org"]


def test_recovery_takes_the_same_time_for_known_and_unknown(site: Site, person: Persons) -> None:
    make_account("Ada", email="ada@example.org")
    taken: dict[str, list[float]] = {"ada@example.org": [], "no@example.org": []}
    for _ in range(3):
        for address, times in taken.items():
            browser = person()
            token = TOKEN.search(browser.get("/reset").text)
            assert token
            started = time.perf_counter()
            browser.post("/reset", {"email": address, "csrf_token": token[1]})
            times.append(time.perf_counter() - started)
    known, unknown = (median(times) for times in taken.values())
    assert abs(known - unknown) / unknown < 0.1


def test_a_wrong_password_and_an_unknown_address_read_alike(site: Site, person: Persons) -> None:
    make_account("Ada", email="ada@example.org")
    wrong = person().sign_in("ada@example.org", "not the password")
    unknown = person().sign_in("no@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 200
    texts = [a.text.replace("ada@", "X@").replace("no@", "X@") for a in (wrong, unknown)]
    assert without_tokens(texts[0]) == without_tokens(texts[1])
    assert "do not fit together" in wrong.text


def test_a_new_password_by_link_works_once_and_ends_all_sessions(
    site: Site, both_engines: str, person: Persons, mails: Mails
) -> None:
    account = make_account("Ada", email="ada@example.org")
    old = session_key(account)
    ada = person()
    ada.submit("/reset", {"email": "ada@example.org"})
    path = link_in(mails()[-1]["text"])
    new = {"password": "quite another one", "password_confirm": "quite another one"}
    assert ada.submit(path, new).location == "/login"
    assert person().hold(old).get("/me").status_code == 302
    assert ada.sign_in("ada@example.org", "quite another one").status_code == 302
    assert person().get(path).status_code == 302, "the link is used up"


def test_a_link_for_a_password_confirms_no_address(site: Site, person: Persons, mails: Mails) -> None:
    make_account("Ada", email="ada@example.org")
    browser = person()
    browser.submit("/reset", {"email": "ada@example.org"})
    Account.update(confirmed_at=None).execute()
    token = link_in(mails()[-1]["text"]).rpartition("/")[2]
    browser.submit(f"/confirm/{token}")
    assert Account.get().confirmed_at is None


def test_links_in_mails_ignore_the_host_header(site: Site, person: Persons, mails: Mails) -> None:
    make_account("Ada", email="ada@example.org")
    browser = person()
    token = TOKEN.search(browser.client.get("/reset", base_url="http://localhost").text)
    assert token
    values = {"email": "ada@example.org", "csrf_token": token[1]}
    assert browser.client.post("/reset", base_url="http://evil.example", data=values).status_code == 400
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    browser.client.post("/reset", base_url="http://localhost", headers=headers, data=values)
    assert "evil.example" not in mails()[-1]["text"]
    assert "http://localhost/reset/" in mails()[-1]["text"]


def test_addresses_that_look_alike_stay_apart(site: Site, both_engines: str) -> None:
    make_account("Ada", email="i@example.org")
    assert services.account_by_email("I@EXAMPLE.ORG") is not None
    assert services.account_by_email("İ@example.org") is None, "the dotted capital I is another letter"
    assert services.account_by_email("ı@example.org") is None
    assert services.account_by_email("ｉ@example.org") is not None, "full width is the same letter"


def test_a_changed_password_keeps_this_browser_only(site: Site, person: Persons) -> None:
    account = make_account("Ada", email="ada@example.org")
    other = session_key(account)
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    before = ada.key
    form = {
        "password": PASSWORD,
        "new_password": "quite another one",
        "new_password_confirm": "quite another one",
    }
    assert ada.submit("/me/password", form).location == "/me/security"
    assert ada.get("/me").status_code == 200
    assert ada.key != before
    assert person().hold(other).get("/me").status_code == 302


def test_an_address_changes_when_the_new_one_confirms(site: Site, person: Persons, mails: Mails) -> None:
    account = make_account("Ada", email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    ada.submit("/me/email", {"email": "New@Example.org"})
    sent = {mail["recipient"]: mail["text"] for mail in mails()}
    assert set(sent) == {"ada@example.org", "New@Example.org"}
    assert "asked to use another e-mail address" in sent["ada@example.org"]
    path = link_in(sent["New@Example.org"])
    ada.get(path)
    assert Account.get_by_id(account.id).email == "ada@example.org"
    ada.submit(path)
    assert Account.get_by_id(account.id).email_key == "new@example.org"


def secret_on(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found
    return found[1].replace("-", "").replace(" ", "")


def test_one_time_codes_are_set_up_asked_for_and_replaced_by_recovery_codes(
    site: Site, both_engines: str, person: Persons
) -> None:
    account = make_account("Ada", email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    page = ada.submit("/me/two-factor", {"setup": "authenticator"}).text
    assert 'src="data:image/svg+xml;base64,' in page
    totp = pyotp.TOTP(secret_on(page))
    action, token = re.search(r'action="(/me/two-factor/[^"]+)"', page), TOKEN.search(page)
    assert action
    assert token
    code = totp.now()
    assert ada.post(action[1], {"code": code, "csrf_token": token[1]}).location == "/me/security"
    codes = re.findall(
        r"<li><code>([^<]+)</code>", ada.submit("/me/recovery-codes", {"generate_new_codes": "1"}).text
    )
    assert len(codes) == 8
    stored = repr(Prepared("SELECT tf_totp_secret, mf_recovery_codes FROM account").rows())
    assert totp.secret not in stored
    assert codes[0] not in stored

    second = person()
    assert second.sign_in("ada@example.org", PASSWORD).location.startswith("/login/code")
    assert second.get("/me").status_code == 302, "the password alone signs nobody in"
    assert "not right" in second.submit("/login/code", {"code": code}).text, "no code works twice"
    Account.update(tf_counter=None).where(Account.id == account.id).execute()
    assert second.submit("/login/code", {"code": totp.now()}).status_code == 302
    assert second.get("/me").status_code == 200

    third = person()
    third.sign_in("ada@example.org", PASSWORD)
    assert third.submit("/login/recovery", {"code": codes[0]}).status_code == 302
    assert third.get("/me").status_code == 200
    fourth = person()
    fourth.sign_in("ada@example.org", PASSWORD)
    assert "not right" in fourth.submit("/login/recovery", {"code": codes[0]}).text, "each works once"


def test_no_token_that_escapes_revocation_is_handed_out(site: Site, person: Persons) -> None:
    account = make_account("Ada", email="ada@example.org")
    ada = person()
    token = TOKEN.search(ada.get("/login").text)
    assert token
    answer = ada.client.post(
        "/login?include_auth_token=1",
        base_url="http://localhost",
        json={"email": "ada@example.org", "password": PASSWORD, "csrf_token": token[1]},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )
    assert "authentication_token" not in answer.text
    from flask_security import Security

    from ecrm_server.identity.datastore import User
    from ecrm_server.kernel import current

    app = current.generation().app
    with app.test_request_context():
        security: Security = app.extensions["security"]
        uniquifier = User.get_by_id(account.id).fs_uniquifier
        forged = security.remember_token_serializer.dumps({"ver": "5", "uid": uniquifier, "exp": 0})
    assert person().get(f"/me?auth_token={forged}").status_code == 302
    assert person().get("/me", headers={"Authentication-Token": forged}).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\\\evil.example",
        "\\\\\\\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_leads_nowhere_else(site: Site, person: Persons, target: str) -> None:
    make_account("Ada", email="ada@example.org")
    answer = person().sign_in("ada@example.org", PASSWORD, next=target)
    assert "evil" not in (answer.location or "")
    assert "alert" not in (answer.location or "")


def test_signing_in_leads_back(site: Site, person: Persons) -> None:
    make_account("Ada", email="ada@example.org")
    ada = person()
    assert ada.get("/me/security").location == "/login?next=%2Fme%2Fsecurity"
    answer = ada.submit(
        "/login?next=%2Fme%2Fsecurity",
        {"email": "ada@example.org", "password": PASSWORD, "next": "/me/security"},
    )
    assert answer.location == "/me/security"


def test_closed_registration_shows_no_form(site: Site, person: Persons) -> None:
    from ecrm_server.identity.schemas import SettingsSchema
    from ecrm_server.settings import store

    store.save("identity", SettingsSchema, {"registration": "invite"})
    site.refresh()
    answer = person().get("/register")
    assert "Accounts are by invitation" in answer.text
    assert TOKEN.search(answer.text) is None


def test_two_requests_with_one_code_at_the_same_moment_do_not_both_pass(site: Site, both_engines: str) -> None:
    account = make_account("Ada")
    first, second = User.get_by_id(account.id), User.get_by_id(account.id)
    codes, match = object.__new__(OneTimeCodes), SimpleNamespace(counter=59_000_000, expire_time=1_770_000_000)
    codes.set_last_counter(first, match)
    with pytest.raises(TokenError):
        codes.set_last_counter(second, match)
