from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server.identity.testing import PASSWORD, make_account, session_key
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import BASE, TOKEN, Person

Persons = Callable[[], Person]


def test_a_change_without_token_is_refused(site: Site, person: Persons) -> None:
    ada = person().hold(session_key(make_account("Ada")))
    assert ada.post("/me", {"name": "Eve", "handle": "eve"}).status_code == 400
    assert ada.post("/me", {"name": "Eve", "handle": "eve", "csrf_token": "x"}).status_code == 400
    assert ada.submit("/me", {"name": "Eve", "handle": "eve"}).status_code == 302


def test_the_token_of_another_session_does_not_do(site: Site, person: Persons) -> None:
    account = make_account("Ada")
    first, second = (person().hold(session_key(account)) for _ in range(2))
    token = TOKEN.search(first.get("/me").text)
    assert token
    assert second.post("/me", {"name": "Eve", "handle": "eve", "csrf_token": token[1]}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_from_another_site_is_refused_even_with_token(
    site: Site, person: Persons, headers: dict[str, str]
) -> None:
    ada = person().hold(session_key(make_account("Ada")))
    assert ada.submit("/me", {"name": "Eve", "handle": "eve"}, headers=headers).status_code == 400
    assert ada.submit("/me", {"name": "Eve", "handle": "eve"}, headers={"Origin": BASE}).status_code == 302


def test_sign_in_needs_its_own_form(site: Site, person: Persons) -> None:
    make_account("Ada", email="ada@example.org")
    assert person().post("/login", {"email": "ada@example.org", "password": PASSWORD}).status_code == 400


def test_guessing_passwords_is_slowed_down_by_address_and_account(site: Site, person: Persons) -> None:
    make_account("Ada", email="ada@example.org")
    guesser = person()
    answers = [
        guesser.submit(
            "/login",
            {"email": "ada@example.org", "password": f"guess number {n}"},
            headers={"X-Forwarded-For": f"10.0.0.{n}"},
        )
        for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0
    other = person().sign_in("ben@example.org", "guess")
    assert other.status_code == 200, "another account may still try"


def test_pages_are_not_counted(site: Site, person: Persons) -> None:
    visitor = person()
    assert {visitor.get("/login").status_code for _ in range(40)} == {200}


def test_a_spoofed_header_does_not_reset_the_limit_by_address(site: Site, person: Persons) -> None:
    statuses = [
        person()
        .submit("/reset", {"email": f"a{n}@example.org"}, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        .status_code
        for n in range(22)
    ]
    assert statuses[:20] == [200] * 20
    assert statuses[20:] == [429] * 2


def test_counts_outlive_a_new_generation(site: Site, person: Persons) -> None:
    from ecrm_server.kernel import state

    make_account("Ada", email="ada@example.org")
    for n in range(10):
        person().sign_in("ada@example.org", f"guess number {n}")
    state.bump()
    site.refresh()
    assert person().sign_in("ada@example.org", "guess").status_code == 429


def test_the_api_tells_its_limits_and_pages_do_not(site: Site, person: Persons) -> None:
    answer = person().get("/api/v1/openapi.json")
    assert int(answer.headers["RateLimit-Limit"]) > int(answer.headers["RateLimit-Remaining"]) > 0
    assert 0 <= int(answer.headers["RateLimit-Reset"]) <= 60
    assert "RateLimit-Limit" not in person().get("/login").headers


def test_workers_count_together_in_redis(make_site: Callable[..., Site], redis_url: str) -> None:
    site = make_site(redis_url=redis_url)
    make_account("Ada", email="ada-redis@example.org")
    statuses = [Person(site).sign_in("ada-redis@example.org", f"guess {n}").status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]
    import redis

    kept = redis.Redis.from_url(redis_url)
    found = list(kept.scan_iter("*ecrm-limits*ada-redis*"))
    assert found
    kept.delete(*found, *kept.scan_iter("*ecrm-limits*127.0.0.1*"))


def test_while_redis_is_away_nobody_is_locked_out(make_site: Callable[..., Site]) -> None:
    site = make_site(redis_url="redis://127.0.0.1:1/0")
    make_account("Ada", email="ada@example.org")
    assert Person(site).sign_in("ada@example.org", PASSWORD).status_code == 302


def test_a_few_passwords_are_hashed_at_a_time() -> None:
    import threading
    import time

    from ecrm_server.identity import passwords

    stored = passwords.hash_password(PASSWORD)
    running = [threading.Thread(target=passwords.verify, args=(PASSWORD, stored)) for _ in range(20)]
    for thread in running:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in running):
        most = max(most, passwords.PARALLEL - passwords._slots._value)
        time.sleep(0.001)
    assert 1 <= most <= passwords.PARALLEL
