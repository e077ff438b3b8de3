"""Finding things: the palette, the search page, the list of shortcuts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.system.browser import PHONE, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER_MS = 200
"""Milliseconds from a request of the palette to its answer; the best of some, for other programs run too."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    instance.mkdir()
    server = Server(instance, demo=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


def options(page: Page) -> list[str]:
    """What the palette lists."""
    return page.locator(".palette-item .palette-title").all_inner_texts()


@pytest.mark.parametrize("keys", ["Control+k", "/"])
def test_a_key_opens_the_palette_and_arrows_choose(server: Server, browser: Browser, keys: str) -> None:
    with visiting(browser, server) as visitor:
        page = visitor.go("/forums")
        page.keyboard.press(keys)
        field = page.get_by_role("combobox")
        expect(field).to_be_focused()
        with page.expect_response(re.compile("/search/palette\\?q=brake")):
            field.fill("brake")
        expect(page.locator(".palette-item[aria-selected=true]")).to_have_count(1)
        expect(
            page.locator(".palette-title", has_text=re.compile("brake", re.IGNORECASE)).first
        ).to_be_visible()
        assert len(options(page)) > 2
        assert axe(page) == []
        first = page.locator(".palette-item[aria-selected=true]").get_attribute("href")
        page.keyboard.press("ArrowDown")
        second = page.locator(".palette-item[aria-selected=true]").get_attribute("href")
        assert second
        assert second != first
        title = page.locator(".palette-item[aria-selected=true] .palette-title").inner_text()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_the_palette_answers_fast(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as visitor:
        page = visitor.go("/forums")
        times = page.evaluate(
            """async () => {
              const times = [];
              for (const q of ["brake", "wheel", "chain", "welcome", "saddle"]) {
                const began = performance.now();
                await (await fetch("/search/palette?q=" + q)).json();
                times.push(performance.now() - began);
              }
              return times;
            }"""
        )
        assert min(times) < ANSWER_MS, times


def test_people_and_commands_are_found_too(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        page = admin.go("/forums")
        for text, title in (("demo cust", "Demo customer"), ("outbox", "Outbox"), ("new topic", "New topic")):
            page.keyboard.press("Control+k")
            page.get_by_role("combobox").fill(text)
            expect(page.locator(".palette-title", has_text=title).first).to_be_visible()
            page.keyboard.press("Escape")
            expect(page.get_by_role("combobox")).to_have_count(0)


def test_the_search_page_needs_no_script(server: Server, browser: Browser) -> None:
    with visiting(browser, server, java_script_enabled=False, viewport=PHONE) as visitor:
        page = visitor.go("/forums")
        page.locator(".search-button").click()
        page.locator("main input[name=q]").fill("brake")
        page.locator("main form [type=submit]").click()
        expect(page.locator(".result").first).to_be_visible()
        hits = page.locator(".result").count()
        page.locator("main input[name=q]").fill("brake -rim")
        page.locator("main form [type=submit]").click()
        assert page.locator(".result").count() < hits
        page.locator(".result a").first.click()
        expect(page).to_have_url(re.compile("/forums/"))


def test_finding_nothing_says_how_to_go_on(server: Server, browser: Browser) -> None:
    with visiting(browser, server, viewport=PHONE) as visitor:
        page = visitor.go("/search?q=xylophonequartz")
        expect(page.locator("main")).to_contain_text("Nothing found")
        expect(page.get_by_role("link", name="Clear all")).to_be_visible()
        assert axe(page) == []
        assert sideways(page) == []


def test_a_question_mark_lists_the_shortcuts(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as member:
        member.try_as("customer")
        page = member.go("/forums/latest")
        page.locator("main a[href*='/forums/t/']").first.click()
        page.wait_for_load_state("networkidle")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog).to_contain_text("Search and commands")
        assert dialog.locator("dt").count() > 4, "those of the topic page stand beside those of the site"
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
