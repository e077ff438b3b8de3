"""A visitor in Chromium who notices what goes wrong: console errors, broken policies, requests to other hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.requirements import CHROMIUM_FLAGS
from tests.system.servers import Server

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}


@contextmanager
def chromium_browser(path: Path) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(path), args=[flag for flag in CHROMIUM_FLAGS if flag != "--headless"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One browser profile on one site. ``faults`` holds sentences about what no page may do.

    ``page`` is its first tab. An answer that the test provokes (404, 422) is named in ``expected``, as a part of
    its address, for Chromium reports it as an error in the console.
    """

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.faults: list[str] = []
        self.expected: list[str] = []
        self._host = urlsplit(base).netloc
        context.on("console", self._heard)
        context.on(
            "weberror", lambda error: self.faults.append(f"{error.page and error.page.url}: {error.error}")
        )
        context.on("request", self._asked)
        context.on("response", self._answered)
        self.page: Page = context.new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not any(part in where for part in self.expected):
            self.faults.append(f"console on {message.page and message.page.url}: {message.text} ({where})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.faults.append(f"request to another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} broke with {response.status}")

    def go(self, path: str) -> Page:
        """Open a path and wait until its scripts ran."""
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button of that name, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the link of that name."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def submit(self) -> None:
        """Press the button that ends the page's form, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.locator("main form [type=submit]").first.click()

    def fill(self, **fields: str) -> None:
        """Fill form fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:not([type=hidden])").first.fill(value)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form."""
        self.go("/login")
        self.fill(email=email, password=password)
        self.page.locator("main form [type=submit]").first.click()
        self.page.wait_for_url(lambda address: "/login" not in address)

    def try_as(self, role: str) -> None:
        """Enter the demo company by one of its buttons."""
        self.go("/login")
        self.page.locator(f"form[action='/try/{role}'] button").click()
        self.page.wait_for_url(lambda address: "/login" not in address)

    def look_well(self) -> None:
        """Nothing went wrong since this was asked last."""
        found, self.faults[:] = list(self.faults), []
        assert not found, "\n".join(found)


@contextmanager
def visiting(browser: Browser, server: Server, **options: Any) -> Iterator[Visitor]:
    """A visitor with a profile of its own; at the end nothing may have gone wrong.

    ``options`` are those of playwright's ``new_context``, for example ``viewport`` or ``java_script_enabled``.
    """
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(15_000)
    visitor = Visitor(context, server.base)
    try:
        yield visitor
        visitor.look_well()
    finally:
        context.close()


def axe(page: Page) -> list[str]:
    """Sentences about what axe finds on a page (WCAG 2.2 AA and its good practice)."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
        ".then(result => result.violations)",
        AXE_TAGS,
    )
    return [
        f"{urlsplit(page.url).path}: {rule['id']}: {rule['help']}: {node['target'][0]}: {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """What makes a page wider than its window: a sentence for the page, then the elements that stick out."""
    return list(
        page.evaluate(
            """() => {
              const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
              if (wide <= room) return [];
              const out = [...document.querySelectorAll('body *')].filter(e => {
                const box = e.getBoundingClientRect();
                return box.width && (box.right > room + 1 || box.left < -1) && getComputedStyle(e).position !== 'fixed';
              }).slice(-5).map(e => e.tagName + '.' + e.className);
              return [location.pathname + ': ' + wide + ' px in ' + room, ...out];
            }"""
        )
    )
