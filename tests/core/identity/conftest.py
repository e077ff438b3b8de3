from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from ecrm_server.data import Prepared
from ecrm_server.identity import counters
from ecrm_server.kernel.site import Site

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK = re.compile(r"http://localhost(/\S+)")
BASE = "http://localhost"
HERE = {"REMOTE_ADDR": "127.0.0.1"}


class Person:
    """A browser that fills in forms: it reads the page first and sends its token along."""

    def __init__(self, site: Site) -> None:
        self.client = Client(site.dispatcher)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **{"base_url": BASE, "environ_base": HERE, **options})

    def submit(
        self, path: str, form: dict[str, Any] | None = None, *, page: str = "", **options: Any
    ) -> TestResponse:
        """Open ``page`` (by default the same path) and post the form with the token found there."""
        kept = {name: options[name] for name in ("environ_base",) if name in options}
        token = TOKEN.search(self.get(page or path, **kept).text)
        assert token, f"no form at {page or path}"
        return self.post(path, {**(form or {}), "csrf_token": token[1]}, **options)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, data=form or {}, **{"base_url": BASE, "environ_base": HERE, **options})

    @property
    def key(self) -> str:
        cookie = self.client.get_cookie("ecrm_session")
        return cookie.value if cookie else ""

    def hold(self, key: str) -> Person:
        """Send this session key from now on."""
        self.client.set_cookie("ecrm_session", key)
        return self

    def sign_in(self, email: str, password: str, **more: Any) -> TestResponse:
        return self.submit("/login", {"email": email, "password": password, **more})


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    counters.reset()
    yield
    counters.reset()


@pytest.fixture
def person(site: Site) -> Callable[[], Person]:
    """Makes one browser after the other."""
    return lambda: Person(site)


@pytest.fixture
def mails(site: Site) -> Callable[[], list[dict[str, Any]]]:
    """The mails in the outbox, oldest first."""
    rows = Prepared("SELECT * FROM mail ORDER BY id")
    return rows.rows


def link_in(text: str) -> str:
    """The path of the first link of this site in a mail."""
    found = LINK.search(text)
    assert found, text
    return found[1]
