"""Which pages may open a socket."""

from __future__ import annotations

import pytest
import websocket

from ecrm_server import config
from ecrm_server.identity.testing import make_account, session_cookie
from ecrm_server.realtime.origin import allowed


def refused(served, **options) -> bool:
    try:
        served.client(**options)
    except websocket.WebSocketBadStatusException as error:
        return error.status_code == 403
    return False


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost:1", "http://localhost@evil.example"]
)
def test_a_foreign_page_is_refused(served, origin):
    assert refused(served, origin=origin or "http://", cookie="ecrm_session=x")


def test_a_cookie_without_an_origin_is_refused(served):
    cookie = session_cookie(make_account("Ada"))
    assert refused(served, origin=None, cookie=cookie)


def test_a_program_without_cookie_and_origin_is_an_anonymous_visitor(served):
    client = served.client(origin=None)
    assert client.join("talk.room:open")["ok"]


def test_the_own_page_may_carry_a_cookie(served):
    client, account = served.signed_in("Ada")
    assert client.join(f"talk.room:own-{account.profile_uid}")["ok"]


CASES = [
    ("https://crm.example", {"HTTP_ORIGIN": "https://crm.example"}, True),
    ("https://crm.example", {"HTTP_ORIGIN": "https://crm.example:443"}, True),
    ("https://crm.example", {"HTTP_ORIGIN": "http://crm.example"}, False),
    ("https://crm.example", {"HTTP_ORIGIN": "https://crm.example:8443"}, False),
    ("https://crm.example", {"HTTP_ORIGIN": "https://evil.example", "HTTP_HOST": "evil.example"}, False),
    ("https://crm.example", {"HTTP_ORIGIN": "http://localhost", "HTTP_HOST": "localhost"}, False),
    ("http://localhost:8000", {"HTTP_ORIGIN": "http://127.0.0.1:8000", "HTTP_HOST": "127.0.0.1:8000"}, True),
    ("http://localhost:8000", {"HTTP_ORIGIN": "http://127.0.0.1:9000", "HTTP_HOST": "127.0.0.1:8000"}, False),
    (
        "http://localhost:8000",
        {"HTTP_ORIGIN": "http://evil.example:8000", "HTTP_HOST": "evil.example:8000"},
        False,
    ),
    ("http://localhost:8000", {"HTTP_ORIGIN": "http://[bad", "HTTP_HOST": "localhost:8000"}, False),
]


@pytest.mark.parametrize("base_url, environ, expected", CASES)
def test_only_the_sites_own_address_counts(tmp_path, base_url, environ, expected):
    settings = config.load(tmp_path, environ={}, base_url=base_url)
    assert allowed(settings, environ) is expected
