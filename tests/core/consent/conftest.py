from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.admin import services as admin
from ecrm_server.data import Prepared, database
from ecrm_server.identity import counters
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser

VISITS = "consent.visits"


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    counters.reset()
    yield
    counters.reset()


@pytest.fixture
def person(both_engines: str, site: Site) -> Callable[..., Actor]:
    """``person("Ada", "staff")``: the actor of a new account."""

    def make(name: str, *roles: str) -> Actor:
        return actor_of(make_account(name, roles=roles))

    return make


@pytest.fixture
def asking(both_engines: str, site: Site) -> Site:
    """A site that asks visitors whether their visits may be recorded."""
    admin.save_settings(SYSTEM, "consent", {"ask_visitors": True, "visit_pages": 5})
    site.dispatcher.refresh(wait=True)
    return site


def answer(browser: Browser, yes: bool, **more: Any) -> Any:
    """Press a button of the notice."""
    form = {"purpose": VISITS, "answer": "yes" if yes else "no", "back": "/terms", **more}
    return browser.post("/privacy/choices", form)


def token_of(page: str) -> str:
    """The token of the form in a page."""
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1])


def register(browser: Browser, email: str = "ada@example.org", **more: str) -> Account:
    """Make an account by the form, with ``more`` fields. Returns it."""
    token = token_of(browser.get("/register").text)
    form = {
        "name": "Ada",
        "email": email,
        "password": "correct horse battery",
        "terms": "y",
        "csrf_token": token,
        **more,
    }
    assert browser.post("/register", form).status_code == 302
    found: Account = Account.get(Account.email == email)
    return found


def look_at(browser: Browser, path: str, **more: str) -> None:
    """Open a page and send what its module sends."""
    browser.get(path)
    assert browser.post("/visits", {"path": path, **more}).status_code == 204


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    return {table: Prepared(f'SELECT * FROM "{table}"').rows() for table in sorted(database.get_tables())}


def visits() -> list[dict[str, Any]]:
    return Prepared("SELECT * FROM visit ORDER BY id").rows()
