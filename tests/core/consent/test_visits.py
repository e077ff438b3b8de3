"""Visits are recorded of those who agreed, and of nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.consent import services
from ecrm_server.consent.answers import COOKIE, Answers
from ecrm_server.consent.visits import origin
from ecrm_server.data import Prepared
from ecrm_server.identity import invitations
from ecrm_server.identity.models import Account
from ecrm_server.kernel.site import Site
from ecrm_server.privacy import archive
from ecrm_server.privacy import services as privacy
from ecrm_server.testing import Browser
from ecrm_server.web.pagecache import VISITOR_COOKIE, PageCache
from tests.core.consent.conftest import VISITS, answer, everything, look_at, register, visits

SEARCH = "https://www.search.example/find?q=squealing+brakes&sid=secret"
ARRIVED = "/terms?utm_source=letter&utm_campaign=spring&token=hidden"
PASSWORD = "correct horse battery"


def cookies(browser: Browser) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in browser.client._cookies.values()}


def test_nothing_is_stored_of_a_visitor_who_was_not_asked_or_said_no(asking: Site, visitor: Browser) -> None:
    before = everything()
    for path in ("/", "/terms", "/privacy", "/privacy/choices"):
        look_at(visitor, path, referrer=SEARCH)
    assert cookies(visitor) == {}
    answer(visitor, False, back=ARRIVED, referrer=SEARCH)
    look_at(visitor, "/privacy")
    assert everything() == before
    assert list(cookies(visitor)) == [COOKIE]


def test_a_forged_id_records_nothing(asking: Site, visitor: Browser) -> None:
    visitor.client.set_cookie(VISITOR_COOKIE, "a" * 64, domain="localhost")
    look_at(visitor, "/terms")
    assert visits() == []


def test_without_the_setting_nobody_is_asked_and_nothing_is_recorded(
    both_engines: str, site: Site, visitor: Browser
) -> None:
    assert "consent-notice" not in visitor.get("/terms").text
    assert answer(visitor, True).status_code == 422
    assert visitor.get("/privacy/choices").status_code == 404
    assert cookies(visitor) == {}


def test_a_yes_records_source_search_term_landing_page_and_path(asking: Site, visitor: Browser) -> None:
    found = answer(visitor, True, back=ARRIVED, referrer=SEARCH)
    assert (found.status_code, found.location) == (303, ARRIVED)
    for path in ("/terms", "/privacy", "/terms"):
        look_at(visitor, path)
    (visit,) = visits()
    assert (visit["source"], visit["search_term"]) == ("www.search.example", "squealing brakes")
    assert (visit["utm_source"], visit["utm_campaign"], visit["landing"]) == ("letter", "spring", "/terms")
    pages = Prepared("SELECT path FROM visit_page ORDER BY id").tuples()
    assert pages == [("/terms",), ("/privacy",), ("/terms",)]
    assert "secret" not in json.dumps(visit)
    assert "hidden" not in json.dumps(visit)


def test_only_so_many_pages_of_a_visit_are_kept(asking: Site, visitor: Browser) -> None:
    answer(visitor, True)
    for path in ("/privacy", "/terms") * 5:
        look_at(visitor, path)
    assert visits()[0]["pages"] == 5
    assert Prepared("SELECT COUNT(*) FROM visit_page").value() == 5


def test_a_new_visit_begins_after_half_an_hour(asking: Site, visitor: Browser, movable_clock: Any) -> None:
    answer(visitor, True)
    movable_clock.advance(30 * clock.MINUTE)
    look_at(visitor, "/privacy")
    movable_clock.advance(30 * clock.MINUTE + 1)
    look_at(visitor, "/privacy")
    assert [visit["pages"] for visit in visits()] == [2, 1]


@pytest.mark.parametrize(
    "path", ["/invitation/abc", "/confirm/abc", "/nothing/here", "//elsewhere.example", "x"]
)
def test_doors_and_what_is_no_page_are_not_recorded(asking: Site, visitor: Browser, path: str) -> None:
    answer(visitor, True, back="")
    visitor.post("/visits", {"path": path})
    assert visits() == []


def test_a_withdrawal_stops_at_once_and_deletes(asking: Site, visitor: Browser) -> None:
    answer(visitor, True)
    id_ = cookies(visitor)[VISITOR_COOKIE]
    answer(visitor, False)
    assert VISITOR_COOKIE not in cookies(visitor)
    visitor.client.set_cookie(VISITOR_COOKIE, id_, domain="localhost")
    look_at(visitor, "/privacy")
    assert visits() == []
    decisions = Prepared("SELECT decision, source FROM consent_record ORDER BY id").tuples()
    assert decisions == [("given", "notice"), ("withdrawn", "notice")]


def test_a_visit_is_joined_at_registration(asking: Site, visitor: Browser, emitted: Any) -> None:
    answer(visitor, True, referrer=SEARCH)
    look_at(visitor, "/privacy")
    account = register(visitor).id
    (visit,) = visits()
    assert (visit["account_id"], visit["visitor"]) == (account, None)
    assert services.allowed(account, VISITS)
    assert [(row["source"], row["account_id"]) for row in Prepared(
        "SELECT source, account_id FROM consent_record ORDER BY id"
    ).rows()] == [("notice", None), ("registration", account)]  # fmt: skip
    assert [row["source"] for row in services.history(account)] == ["registration", "notice"]
    assert Prepared("SELECT COUNT(*) FROM consent_state WHERE visitor IS NOT NULL").value() == 0
    assert VISITOR_COOKIE not in cookies(visitor)
    assert emitted("consent.visits_joined")[0]["data"]["visits"] == 1


def test_a_visit_is_joined_when_an_invitation_is_accepted(asking: Site, visitor: Browser) -> None:
    token = invitations.invite(SYSTEM, "bea@example.org")
    answer(visitor, True)
    form = {"name": "Bea", "password": PASSWORD}
    assert visitor.post(f"/invitation/{token}", form).status_code == 302
    assert visits()[0]["account_id"] == Account.get(Account.email == "bea@example.org").id


def test_whoever_registers_without_having_agreed_has_no_visits(asking: Site, visitor: Browser) -> None:
    answer(visitor, False)
    account = register(visitor).id
    assert services.history(account) == []
    assert visits() == []


def test_somebody_elses_visit_is_not_joined_by_signing_in(
    asking: Site, visitor: Browser, sign_in: Any
) -> None:
    answer(visitor, True)
    ada = sign_in("Ada")
    ada.client.set_cookie(VISITOR_COOKIE, cookies(visitor)[VISITOR_COOKIE], domain="localhost")
    look_at(ada, "/me")
    assert [visit["account_id"] for visit in visits()] == [None]


def test_people_with_an_account_see_their_visits_and_end_them(asking: Site, sign_in: Any) -> None:
    ada = sign_in("Ada")
    look_at(ada, "/me")
    assert visits() == []
    ada.post("/me/data/consents", {"purpose": VISITS, "given": "1"})
    assert "data-visit" in ada.get("/me").text
    look_at(ada, "/me", referrer=SEARCH)
    assert "squealing brakes" in ada.get("/me/data").text
    ada.post("/me/data/consents", {"purpose": VISITS})
    look_at(ada, "/me")
    assert visits() == []


def test_export_and_erasure_include_it_all(asking: Site, visitor: Browser) -> None:
    answer(visitor, True, referrer=SEARCH)
    account = register(visitor)
    profile = Prepared("SELECT id FROM profile WHERE account_id = ?").value(account.id)
    found = archive.collect(account.id, profile, lambda *_: None)["consent"]["consent"]
    assert [row["decision"] for row in found["consents"]] == ["given", "given"]
    assert found["visits"][0]["search_term"] == "squealing brakes"
    assert [page["path"] for page in found["visits"][0]["path"]] == ["/terms"]
    privacy.erase(account.id, SYSTEM)
    for table in ("visit", "visit_page", "consent_state", "question_put_off"):
        assert Prepared(f"SELECT COUNT(*) FROM {table}").value() == 0, table


def test_visitors_with_the_same_answer_share_pages(asking: Site) -> None:
    def key(cookie: str) -> Any:
        return PageCache().key({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": cookie})

    yes = f"{COOKIE}={VISITS}@1+"
    assert (
        key(f"{yes}; {VISITOR_COOKIE}={'a' * 64}") == key(f"{yes}; {VISITOR_COOKIE}={'b' * 64}") == key(yes)
    )
    assert key(f"{VISITOR_COOKIE}={'a' * 64}; {yes}") != key("")


def test_the_notice_has_two_buttons_of_one_look_and_no_token(asking: Site, visitor: Browser) -> None:
    page = visitor.get("/terms")
    _, _, notice = page.text.partition('class="consent-notice"')
    notice = notice.partition("</section>")[0]
    buttons = [piece.partition(">")[0] for piece in notice.split("<button")[1:]]
    looks = {button.replace('value="no"', "").replace('value="yes"', "") for button in buttons}
    assert (len(buttons), len(looks)) == (2, 1)
    assert "csrf_token" not in notice
    assert "Set-Cookie" not in page.headers
    answer(visitor, False)
    assert "consent-notice" not in visitor.get("/terms").text
    assert "visit.js" not in visitor.get("/terms").text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_an_answer_leads_nowhere_else(asking: Site, visitor: Browser, back: str) -> None:
    assert answer(visitor, False, back=back).location == "/privacy/choices"


def test_the_page_of_choices_shows_what_was_recorded(asking: Site, visitor: Browser) -> None:
    assert "Not answered" in visitor.get("/privacy/choices").text
    answer(visitor, True, referrer=SEARCH)
    page = visitor.get("/privacy/choices").text
    assert "You agreed" in page
    assert "squealing brakes" in page
    assert "Your choices" in visitor.get("/terms").text


@pytest.mark.parametrize(
    "referrer, found",
    [
        ("", ("", "")),
        ("https://www.search.example/?q=a++b", ("www.search.example", "a b")),
        ("https://shop.example/path?x=1", ("shop.example", "")),
        ("android-app://com.example/?q=a", ("", "")),
        ("http://[broken", ("", "")),
    ],
)
def test_of_a_referrer_host_and_term_are_kept(referrer: str, found: tuple[str, str]) -> None:
    assert origin(referrer) == found


def test_a_cookie_that_makes_no_sense_is_no_answer() -> None:
    assert Answers.of("yes; please=1").given == {}
    assert Answers.of("consent.visits@1+").given == {VISITS: (1, True)}
