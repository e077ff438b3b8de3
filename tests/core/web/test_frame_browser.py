"""The frame and its modules in a real browser, under the real policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from tests.core.web.frame_app import make_app
from tests.requirements import CHROMIUM_FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = pytest.mark.browser

BUDGET = 120_000
"""Bytes over the wire at first load."""
OVERFLOWING = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.table-box, .tabs, pre, dialog')
    && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
    && !e.closest('.skip-link, .visually-hidden, details:not([open]) .menu-panel'))
    .map(e => e.tagName + '.' + e.className)"""
SMALL = """[...document.querySelectorAll('.topbar a, .topbar button, .topbar summary, .btn:not(.btn-sm), .footer a')]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The components page, opened; the test fails when anything is written to the console."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/docs/components", wait_until="load")
    page.wait_for_function("window.ecrm")
    yield page
    page.close()
    assert said == []


def test_the_first_load_is_small_and_stays_on_the_site(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    responses: list[Response] = []

    # Playwright marks the handler it is given, which a list's own method does not allow.
    def note(response: Response) -> None:
        responses.append(response)

    page.on("response", note)
    page.goto(f"{site}/docs/components", wait_until="networkidle")
    assert all(response.url.startswith(site) for response in responses)
    packed = [response for response in responses if "/static/" in response.url]
    assert all(response.headers.get("content-encoding") == "gzip" for response in packed)
    assert sum(int(response.headers["content-length"]) for response in packed) < BUDGET
    context.close()


@pytest.mark.parametrize("width", [1280, 900, 390, 320])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_sticks_out_at_any_width(browser: Browser, site: str, width: int, direction: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site}/docs/components?dir={direction}")
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_a_finger_finds_its_targets(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{site}/docs/components?visitor")
    assert page.evaluate(SMALL) == []
    context.close()


def test_the_drawer_and_menus_open_without_javascript(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/docs/components")
    assert not page.locator("#sidebar").is_visible()
    page.click(".topbar-menu")
    assert page.locator("#sidebar a").first.is_visible()
    page.click("#sidebar button")
    page.click(".person-button")
    assert page.locator(".menu-item >> text=Sign out").is_visible()
    assert not page.locator("[data-set-theme=dark]").is_visible()
    context.close()


def test_the_palette_finds_and_opens(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator(".palette").wait_for()
    page.keyboard.type("brakes")
    page.locator(".palette-item >> text=All results: brakes").wait_for()
    field = page.locator("[role=combobox]")
    assert field.get_attribute("aria-activedescendant") == "palette-0"
    page.keyboard.press("ArrowUp")
    assert page.locator("[aria-selected=true]").inner_text() == "All results: brakes"
    page.keyboard.press("ArrowDown")
    with page.expect_navigation(url="**/docs/components?found=1"):
        page.keyboard.press("Enter")
    page.wait_for_function("window.ecrm")
    page.keyboard.press("/")
    page.locator(".palette-group >> text=Recent").wait_for()


def test_the_palette_says_when_nothing_is_found(page: Page) -> None:
    page.keyboard.press("/")
    page.locator(".palette").wait_for()
    page.keyboard.type("zzz")
    page.locator("text=Nothing found.").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator(".palette").is_visible()


def test_shortcuts_are_listed_and_silent_while_writing(page: Page) -> None:
    page.evaluate(
        "void ecrm.shortcuts.register('n', 'New ride', () => { window.rode = (window.rode ?? 0) + 1 })"
    )
    page.keyboard.press("n")
    page.focus("#sample-composer")
    page.keyboard.press("n")
    assert page.evaluate("window.rode") == 1
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "New ride" in page.locator("#shortcuts").inner_text()


def test_the_theme_is_remembered_by_the_browser(browser: Browser, site: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{site}/docs/components?visitor")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-theme-toggle]")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    context.close()


def test_a_menu_closes_on_escape_and_outside(page: Page) -> None:
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.click("h1 >> nth=0")):
        page.click(".person-button")
        assert page.locator(".topbar details[open]").count() == 1
        close()
        assert page.locator("details[data-menu][open]").count() == 0


def test_an_open_menu_stays_inside_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    menus = page.locator("main details[data-menu]")
    for index in range(menus.count()):
        menus.nth(index).locator("summary").click()
        # The browser says that a menu opened a moment after the click; only then it is pushed inside.
        page.evaluate("new Promise(done => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 50))")
        assert page.evaluate(OVERFLOWING) == []
        page.keyboard.press("Escape")


def test_a_toast_can_be_undone(page: Page) -> None:
    page.evaluate("void ecrm.toast('Post deleted', { undo: () => { window.undone = true } })")
    page.click("#toasts .toast-undo")
    assert page.evaluate("window.undone")
    assert page.locator("#toasts").inner_text() == ""


def test_the_toolbar_writes_markdown(page: Page) -> None:
    page.focus("#sample-composer")
    page.evaluate("document.getElementById('sample-composer').setSelectionRange(0, 6)")
    page.click("md-bold")
    assert page.input_value("#sample-composer").startswith("**Select** a word")


def test_times_of_the_browser_agree_with_those_of_the_server(page: Page) -> None:
    minute, hour, day = 60_000, 3_600_000, 86_400_000
    spans = [0, 5 * minute, 3 * hour, 29 * day, -2 * hour]
    said = page.evaluate(
        "spans => spans.map(span => ecrm.ago(Date.now() - span - Math.sign(span) * 1000))", spans
    )
    assert said == ["now", "5m ago", "3h ago", "29d ago", "in 2h"]
