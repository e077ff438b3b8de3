from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.identity import browsers, keys, services, sessions
from ecrm_server.identity.testing import COOKIE, PASSWORD, make_account, session_key
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import Person

pytestmark = pytest.mark.usefixtures("both_engines")
COUNT = Prepared("SELECT COUNT(*) FROM session")


def test_a_page_for_visitors_stores_nothing(site: Site, person: Callable[[], Person]) -> None:
    visitor = person()
    assert visitor.get("/terms").status_code == 200
    assert not visitor.key
    assert COUNT.value() == 0


def test_signing_in_gives_a_new_key_and_kills_the_old_one(site: Site, person: Callable[[], Person]) -> None:
    make_account("Ada", email="ada@example.org")
    ada = person()
    ada.get("/login")
    before = ada.key
    assert ada.sign_in("ada@example.org", PASSWORD).status_code == 302
    assert ada.key != before
    assert ada.get("/me").status_code == 200
    assert person().hold(before).get("/me").status_code == 302


def test_the_key_is_stored_only_as_its_hash(site: Site) -> None:
    key = session_key(make_account("Ada"))
    rows = Prepared("SELECT * FROM session").rows()
    assert key not in repr(rows)
    assert rows[0]["key_hash"] == keys.digest(key)


def test_signing_out_kills_the_key(site: Site, person: Callable[[], Person]) -> None:
    make_account("Ada", email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    key = ada.key
    assert ada.submit("/logout", page="/me").status_code == 302
    assert person().hold(key).get("/me").status_code == 302


def test_saving_does_not_revive_a_revoked_session(site: Site) -> None:
    account = make_account("Ada")
    key_hash = keys.digest(session_key(account))
    assert sessions.save(key_hash, {"a": 1})
    services.revoke_all(account.id)
    assert not sessions.save(key_hash, {"a": 2})
    assert sessions.find(key_hash) is None


def test_revoking_all_can_leave_one(site: Site) -> None:
    account = make_account("Ada")
    kept, gone = (keys.digest(session_key(account)) for _ in range(2))
    assert services.revoke_all(account.id, except_=kept) == 1
    assert sessions.find(kept) is not None
    assert sessions.find(gone) is None
    data = Prepared("SELECT data FROM event WHERE name = 'identity.sessions_revoked'").value()
    assert gone in data
    assert kept not in data


def test_another_browser_is_signed_out_from_the_list(site: Site, person: Callable[[], Person]) -> None:
    account = make_account("Ada", email="ada@example.org")
    other = session_key(account)
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    uid = next(row["uid"] for row in sessions.listed(account.id) if row["agent"] == "tests")
    assert ada.submit(f"/me/sessions/{uid}/revoke", page="/me/security").status_code == 302
    assert person().hold(other).get("/me").status_code == 302
    assert ada.get("/me").status_code == 200


def test_nobody_revokes_the_session_of_another(site: Site, person: Callable[[], Person]) -> None:
    make_account("Ada", email="ada@example.org")
    ben = make_account("Ben")
    session_key(ben)
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    uid = sessions.listed(ben.id)[0]["uid"]
    assert ada.submit(f"/me/sessions/{uid}/revoke", page="/me/security").status_code == 404
    assert len(sessions.listed(ben.id)) == 1


def test_an_idle_session_ends_and_is_swept(site: Site, movable_clock: object) -> None:
    account = make_account("Ada")
    key_hash = keys.digest(session_key(account))
    movable_clock.advance(2 * clock.DAY)  # type: ignore[attr-defined]
    assert sessions.find(key_hash) is None
    assert sessions.sweep() == 1


def test_a_used_session_lives_on_up_to_the_absolute_limit(site: Site, movable_clock: object) -> None:
    account = make_account("Ada")
    key_hash = keys.digest(session_key(account, remember=True))
    limits = sessions.Limits(idle=14 * clock.DAY, absolute=20 * clock.DAY)
    movable_clock.advance(10 * clock.DAY)  # type: ignore[attr-defined]
    row = sessions.find(key_hash)
    assert row is not None
    sessions.touch(row, limits, "127.0.0.1")
    movable_clock.advance(9 * clock.DAY)  # type: ignore[attr-defined]
    assert sessions.find(key_hash) is not None
    movable_clock.advance(2 * clock.DAY)  # type: ignore[attr-defined]
    assert sessions.find(key_hash) is None


def test_remembered_browsers_get_a_lasting_cookie_and_no_other_that_signs_in(
    site: Site, person: Callable[[], Person]
) -> None:
    make_account("Ada", email="ada@example.org")
    ada = person()
    answer = ada.sign_in("ada@example.org", PASSWORD, remember="y")
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {COOKIE, browsers.COOKIE}
    assert all(
        "Max-Age=" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies
    )
    assert "Path=/login" in next(cookie for cookie in cookies if cookie.startswith(browsers.COOKIE))
    ada.client.delete_cookie(COOKIE)
    assert ada.get("/me").status_code == 302


def test_a_signed_in_request_asks_the_database_once(
    site: Site, queries: list[str], person: Callable[[], Person]
) -> None:
    member = person().hold(session_key(make_account("Ada")))
    staff = person().hold(session_key(make_account("Stella", ("staff",))))
    for browser, most in ((member, 1), (staff, 2)):  # staff see how much waits for a moderator
        browser.get("/terms")
        queries.clear()
        assert browser.get("/terms").status_code == 200
        assert len([sql for sql in queries if "site_state" not in sql]) == most


def test_a_visitor_costs_no_query(site: Site, queries: list[str], person: Callable[[], Person]) -> None:
    queries.clear()
    person().get("/terms")
    assert not [sql for sql in queries if "site_state" not in sql]


def test_other_roles_sign_out_and_are_read_again(site: Site, person: Callable[[], Person]) -> None:
    from ecrm_server.access import SYSTEM

    account = make_account("Ada")
    key = session_key(account)
    services.set_roles(SYSTEM, account, ["staff"])
    assert person().hold(key).get("/me").status_code == 302
    assert person().hold(session_key(account)).get("/admin/invitations").status_code == 200


def test_a_suspended_account_is_signed_out(site: Site, person: Callable[[], Person]) -> None:
    from ecrm_server.access import SYSTEM

    account = make_account("Ada", email="ada@example.org")
    key = session_key(account)
    services.suspend(SYSTEM, account, reason="Spam.")
    assert person().hold(key).get("/me").status_code == 302
    answer = person().sign_in("ada@example.org", PASSWORD)
    assert answer.status_code == 200
    assert "This account is suspended. Spam." in answer.text
