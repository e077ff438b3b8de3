"""The live client in a browser: live, cut off and back, and where websockets do not get through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from ecrm_server.identity.testing import make_account, session_key
from tests.requirements import CHROMIUM_FLAGS

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(served, chromium) -> Iterator[Callable[..., Page]]:
    """A function that opens the room in a new browser window; errors on its console fail the test."""
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_FLAGS))

        def visit(room: str = "open", *, cookie: str = "") -> Page:
            context = browser.new_context()
            if cookie:
                context.add_cookies(
                    [{"name": "ecrm_session", "value": cookie, "url": f"http://localhost:{served.port}"}]
                )
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"http://localhost:{served.port}/talk/room/{room}")
            return page

        yield visit
        browser.close()
    assert not errors


def test_lines_arrive_in_order_and_once(served, visit):
    page = visit()
    expect(page.locator("#status")).to_have_text("live")
    said = [served.say("open") for _ in range(3)]
    expect(page.locator("#lines li")).to_have_text([f"{seq} {line}" for seq, line in enumerate(said, 1)])


def test_after_a_lost_connection_nothing_is_lost_and_nothing_doubled(served, visit):
    page = visit()
    expect(page.locator("#status")).to_have_text("live")
    said = [served.say("open")]
    expect(page.locator("#lines li")).to_have_count(1)
    page.context.set_offline(True)
    for wire in list(served.wires()):
        wire.shut()
    expect(page.locator("#status")).to_have_text("offline")
    expect(page.locator("#connection")).to_be_visible()
    said += [served.say("open") for _ in range(2)]
    page.context.set_offline(False)
    expect(page.locator("#status")).to_have_text("live", timeout=15_000)
    said.append(served.say("open"))
    expect(page.locator("#lines li")).to_have_text([f"{seq} {line}" for seq, line in enumerate(said, 1)])
    expect(page.locator("#connection")).to_be_hidden()


def test_where_websockets_are_blocked_the_page_asks_and_says_so(served, visit):
    def proxy_without_websockets(_environ, start_response):
        start_response("502 Bad Gateway", [("Content-Length", "0")])
        return [b""]

    live, served.site.dispatcher.socket_app = served.site.dispatcher.socket_app, proxy_without_websockets
    page = visit()
    expect(page.locator("#connection")).to_contain_text("every few seconds", timeout=15_000)
    said = [served.say("open")]
    expect(page.locator("#lines li")).to_have_text([f"1 {said[0]}"], timeout=15_000)
    served.site.dispatcher.socket_app = live
    expect(page.locator("#connection")).to_be_hidden(timeout=20_000)
    said.append(served.say("open"))
    expect(page.locator("#lines li")).to_have_text([f"{seq} {line}" for seq, line in enumerate(said, 1)])


def test_people_see_each_other_and_the_self_test_passes(served, visit):
    root = make_account("Root", roles=["admin"])
    page, other = visit(cookie=session_key(root)), visit()
    expect(other.locator("#people")).to_have_text("Root 1")
    page.evaluate("window.room.send('talk.typing', { on: true })")
    expect(other.locator("#lines li")).to_have_text(["Root talk.typing"])
    page.evaluate("window.selftest()")
    expect(page.locator("#result")).to_have_text("live")
    other.evaluate("window.selftest()")
    expect(other.locator("#result")).to_have_text("refused")
