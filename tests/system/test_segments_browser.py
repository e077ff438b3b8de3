"""The rule builder in a browser: rows come and go, the count follows what is chosen, and the segment's page is live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import PHONE, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("site") / "instance", demo=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


def test_a_rule_is_written_counted_saved_and_followed(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as staff:
        staff.try_as("admin")
        page = staff.go("/segments/new")
        page.wait_for_function("window.ecrm")
        page.get_by_label("Title").fill("Vienna")
        page.get_by_label("What to ask for").select_option("customers.city")
        page.get_by_label("How to compare").select_option("is")
        page.get_by_label("Value", exact=True).fill("Vienna")
        preview = page.locator("[data-preview]")
        expect(preview.locator("strong")).to_have_text("0")
        expect(preview).to_contain_text("City is 'Vienna'")
        page.get_by_role("button", name="Group").click()
        expect(page.get_by_label("What to ask for")).to_have_count(2)
        expect(page.get_by_label("What to ask for").nth(1)).to_be_focused()
        page.get_by_role("button", name="Remove this group").click()
        expect(page.get_by_label("What to ask for")).to_have_count(1)
        assert not axe(page)
        page.set_viewport_size(PHONE)
        assert not sideways(page)
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_role("heading", name="Vienna", level=1)).to_be_visible()
        expect(page.get_by_text("Nobody is in it")).to_be_visible(timeout=15_000)
        other = staff.context.new_page()
        other.goto(f"{server.base}/customers/new")
        other.get_by_label("Name", exact=True).fill("Wanda Wien")
        other.get_by_label("City").fill("Vienna")
        other.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Wanda Wien")).to_be_visible(timeout=5_000)
        page.get_by_role("link", name="Why").click()
        expect(page.get_by_text("City is 'Vienna'")).to_be_visible()
        assert not axe(page)
