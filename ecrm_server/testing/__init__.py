"""Pytest fixtures for the server and for plugins: a real site on a real database, no mocks.

In a plugin's ``conftest.py``::

    pytest_plugins = ["ecrm_server.testing"]

and in a test::

    @pytest.mark.plugins("forums")
    def test_index_lists_categories(site, sign_in):
        assert sign_in("Ada").get("/forums/").status_code == 200

``site`` runs on SQLite. Ask for ``both_engines`` beside it and the test runs on PostgreSQL too (when
``ECRM_TEST_POSTGRES_URL`` or the standard loopback port answers).
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from ecrm_server import clock, config, data
from ecrm_server.data import database
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.kernel import current
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.site import Site
from ecrm_server.testing import databases, live
from ecrm_server.testing.browser import Browser
from ecrm_server.testing.live import LiveSite, Socket
from ecrm_server.web import icons

__all__ = ["Browser", "LiveSite", "MovableClock", "Socket"]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of these fixtures."""
    config.addinivalue_line("markers", "plugins(*names): plugins that the site of this test has enabled")
    config.addinivalue_line("markers", "settings(**values): process settings of this test's site")


class MovableClock:
    """The server's clock, in the test's hand."""

    def __init__(self) -> None:
        self.ms = clock.now()

    def __call__(self) -> int:
        return self.ms

    def advance(self, ms: int) -> None:
        """Let so many milliseconds pass."""
        self.ms += ms


@pytest.fixture
def movable_clock() -> Iterator[MovableClock]:
    """Stop the server's clock; ``advance(ms)`` moves it."""
    moved = MovableClock()
    with clock.frozen(moved):
        yield moved


@pytest.fixture(params=["sqlite", "postgres"])
def both_engines(request: pytest.FixtureRequest) -> str:
    """Run the test on SQLite and on PostgreSQL; gives ``sqlite`` or ``postgres``."""
    engine = str(request.param)
    if engine == "postgres":
        databases.require_postgres()
    return engine


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the engine in use; dropped afterwards."""
    engine = request.getfixturevalue("both_engines") if "both_engines" in request.fixturenames else "sqlite"
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'instance' / 'ecrm.db'}"
        return
    name = f"ecrm_test_{uuid.uuid4().hex[:12]}"
    databases.administer(f'CREATE DATABASE "{name}"')
    try:
        yield f"{databases.POSTGRES_URL.rpartition('/')[0]}/{name}"
    finally:
        databases.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def pytest_unconfigure() -> None:
    """Remove the copied databases."""
    for (engine, _, _), template in databases.templates.items():
        if engine == "sqlite":
            Path(template).unlink(missing_ok=True)
        else:
            databases.administer(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
    databases.templates.clear()


def _offer_plugin_under_test(test: Path, instance: Path) -> None:
    """Link the plugin whose ``tests`` folder holds the test into the instance, unless it is found there already."""
    folder = next((parent for parent in test.parents if (parent / "plugin.toml").is_file()), None)
    if folder is None or any(item.path == folder for item in discover(instance).manifests.values()):
        return
    target = instance / "plugins" / folder.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.symlink_to(folder, target_is_directory=True)


@pytest.fixture
def make_site(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str
) -> Iterator[Callable[..., Site]]:
    """A function that opens the test's site: ``make_site("forums", smtp_url=...)``. One site a test."""
    opened: list[Site] = []

    def make(*plugins: str, **settings: Any) -> Site:
        instance = tmp_path / "instance"
        instance.mkdir(exist_ok=True)
        _offer_plugin_under_test(request.path, instance)
        databases.fill(database_url, plugins, instance)
        values: dict[str, Any] = {
            "testing": True,
            "secret_key": "test",
            "database_url": database_url,
            "base_url": "http://localhost",
            **settings,
        }
        site = Site(config.load(instance, environ={}, **values))
        site.connect()
        database.connect()
        site.dispatcher.start()
        opened.append(site)
        return site

    yield make
    icons.strict(False)
    if opened:
        current.publish(None)
        with contextlib.suppress(peewee.OperationalError):
            database.close()
        database.close_all()


@pytest.fixture
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:
    """A site with the plugins that ``@pytest.mark.plugins(...)`` names, with a connection open for the test itself."""
    plugins = request.node.get_closest_marker("plugins")
    settings = request.node.get_closest_marker("settings")
    return make_site(*(plugins.args if plugins else ()), **(settings.kwargs if settings else {}))


@pytest.fixture
def visitor(site: Site) -> Browser:
    """A visitor who is not signed in."""
    return Browser(site)


@pytest.fixture
def sign_in(site: Site) -> Callable[..., Browser]:
    """``sign_in("Ada", "moderator")``: a new account with these roles, signed in; its row is ``.account``."""
    from ecrm_server.identity.testing import make_account, session_key

    def sign_in(name: str = "Ada", *roles: str, account: Any = None) -> Browser:
        account = account or make_account(name, roles=roles)
        browser = Browser(site, account)
        browser.client.set_cookie("ecrm_session", session_key(account), domain="localhost")
        return browser

    return sign_in


@pytest.fixture
def deliver(site: Site) -> Callable[[], int]:
    """Deliver all events that wait, as the courier would; gives how many."""

    def run() -> int:
        total = 0
        while handled := deliver_pending():
            total += handled
        return total

    return run


@pytest.fixture
def emitted(site: Site) -> Callable[..., list[dict[str, Any]]]:
    """``emitted("forums.replied")``: the events written so far, oldest first; every one without a name."""
    rows = data.Prepared("SELECT uid, name, version, data, at, actor_id, imported FROM event ORDER BY id")

    def listed(name: str = "") -> list[dict[str, Any]]:
        found = [{**row, "data": json.loads(row["data"])} for row in rows.rows()]
        return [event for event in found if name in ("", event["name"])]

    return listed


@pytest.fixture
def mails(site: Site) -> Callable[[], list[dict[str, Any]]]:
    """``mails()``: what lies in the outbox, oldest first: to, subject, text, html, kind, state."""
    rows = data.Prepared('SELECT recipient AS "to", subject, text, html, kind, state FROM mail ORDER BY id')
    return rows.rows


@pytest.fixture
def queries(site: Site) -> Iterator[list[str]]:
    """The SQL statements run so far; ``queries.clear()`` before what is to be counted."""
    seen: list[str] = []

    def note(event: Any) -> None:
        seen.append(event.sql)

    database.obj.query_hooks.append(note)
    yield seen
    database.obj.query_hooks.remove(note)


@pytest.fixture
def live_site(site: Site) -> Iterator[LiveSite]:
    """The site on a port of its own with courier and live updates; ``live_site.socket(browser)`` opens a socket."""
    with live.running(site) as running:
        yield running
