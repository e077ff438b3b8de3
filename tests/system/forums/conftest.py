"""The forums on a served site, and people with browsers in it."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import WSGIRequestHandler, make_server

from ecrm_server import config
from ecrm_server.access import SYSTEM
from ecrm_server.data import database
from ecrm_server.identity.testing import actor_of, make_account, session_key
from ecrm_server.kernel import current, state
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.site import Site
from ecrm_server.realtime import server as live_server
from tests.system.browser import DESKTOP, Visitor, chromium_browser, visiting
from tests.system.servers import free_port

FROM_RIGHT = "Rana Right"
"""Reads from right to left."""


class Quiet(WSGIRequestHandler):
    """Requests of tests are not news."""

    def log(self, *args: Any) -> None:
        """Say nothing."""


class Community:
    """A served site, and what happens in it without a browser."""

    def __init__(self, site: Site, base: str) -> None:
        self.site, self.base = site, base
        self.people: dict[str, Any] = {}
        self.place = self.service("categories").create(
            SYSTEM, {"name": "Workshop", "description": "Repairs and tools."}
        )
        self.people["Mo Derator"] = make_account("Mo Derator", roles=["admin"])
        self.service("topics").open_topic(
            actor_of(self.people["Mo Derator"]),
            self.place.uid,
            title="What this place is for",
            source="Repairs.",
            tag_names=["brakes", "gears"],
        )

    def service(self, name: str) -> Any:
        return importlib.import_module(f"ecrm_plugins.forums.services.{name}")

    def account(self, name: str) -> Any:
        if name not in self.people:
            self.people[name] = make_account(name, **({"locale": "ar_XB"} if name == FROM_RIGHT else {}))
        return self.people[name]

    def topic(
        self, title: str, *posts: str, by: str = "Ada Lovelace", text: str = "They squeal when it rains."
    ) -> Any:
        actor = actor_of(self.account(by))
        found = self.service("topics").open_topic(
            actor, self.place.uid, title=title, source=text, tag_names=["brakes"]
        )
        for words in posts:
            self.reply(found, words)
        return found

    def reply(self, topic: Any, words: str, by: str = "Ben Okri", parent: str | None = None) -> Any:
        return self.service("posts").reply(
            actor_of(self.account(by)), topic.uid, source=words, parent_uid=parent
        )

    def cut_sockets(self) -> None:
        """Break every websocket, as a network does."""
        assert live_server._live is not None
        for member in list(live_server._live.members.values()):
            member.wire.shut()


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[Community]:
    """The forums on a site with pseudo-locales, served by this process."""
    instance, port = tmp_path_factory.mktemp("forums") / "instance", free_port()
    instance.mkdir()
    base = f"http://localhost:{port}"
    values = {"testing": True, "secret_key": "test", "base_url": base, "port": port, "pseudo_locales": True}
    site = Site(config.load(instance, environ={}, **values))
    site.connect()
    site.prepare()
    with database.connection_context():
        state.set_enabled("forums", discover(instance).manifests["forums"].version)
    site.prepare()
    database.connect()
    site.dispatcher.start()
    site.start()
    web = make_server("127.0.0.1", port, site.dispatcher, threaded=True, request_handler=Quiet)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Community(site, base)
    web.shutdown()
    database.close()
    site.stop()
    web.server_close()
    thread.join()
    current.publish(None)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as opened:
        yield opened


Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def profiles(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """Browser profiles by person, kept between tests as people keep theirs: what is cached need not come again."""
    made: dict[str, BrowserContext] = {}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def visit(browser: Browser, community: Community, profiles: dict[str, BrowserContext]) -> Iterator[Visit]:
    """``visit("Ben Okri", topic.url)``: a window of that person ("" for a visitor); nothing may go wrong in it.

    With options of playwright's ``new_context`` it is a window in a profile of its own.
    """
    with ExitStack() as open_windows:
        visitors: list[Visitor] = []

        def visit(name: str, path: str, *, expected: str = "", **options: Any) -> Visitor:
            if options or not name:
                visitor = open_windows.enter_context(visiting(browser, community, **options))
            else:
                visitor = Visitor(_profile(browser, profiles, name), community.base)
                visitors.append(visitor)
            visitor.expected += [expected] if expected else []
            if name:
                key = session_key(community.account(name))
                visitor.context.add_cookies([{"name": "ecrm_session", "value": key, "url": community.base}])
            visitor.go(path)
            return visitor

        yield visit
        for visitor in visitors:
            visitor.look_well()
            visitor.page.close()


def _profile(browser: Browser, profiles: dict[str, BrowserContext], name: str) -> BrowserContext:
    if name not in profiles:
        profiles[name] = browser.new_context(viewport=DESKTOP)
        profiles[name].set_default_timeout(15_000)
    return profiles[name]
