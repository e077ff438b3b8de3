"""The rules of every page: strict policy, no barrier, no sideways scroll, small, legible everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.system.browser import (
    DESKTOP,
    PHONE,
    SMALL_PHONE,
    Visitor,
    axe,
    chromium_browser,
    sideways,
    visiting,
)
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST_LOAD = 120_000
"""Bytes over the wire when a page is opened for the first time, headers included."""

OPEN = [
    "/login", "/register", "/reset", "/confirm", "/terms", "/privacy", "/search", "/search?q=brake", "/docs",
    "/docs/hooks", "/docs/events", "/docs/permissions", "/docs/settings", "/docs/components", "/api/docs",
    "/no-such-page",
]  # fmt: skip
MEMBER = [
    "/me", "/me/security", "/me/password", "/me/email", "/me/two-factor", "/me/recovery-codes", "/me/api-keys",
    "/me/notifications", "/me/data", "/me/decisions", "/me/delete", "/notices", "/people/demo-customer",
    "/organisations",
]  # fmt: skip
ADMIN = [
    "/admin", "/admin/features", "/admin/settings/web", "/admin/settings/identity", "/admin/health", "/admin/people",
    "/admin/roles", "/admin/groups", "/admin/invitations", "/admin/jobs", "/admin/jobs?of=system", "/admin/outbox",
    "/admin/privacy", "/admin/privacy/retention", "/admin/settings/privacy", "/admin/settings/consent",
    "/admin/audit", "/admin/events", "/admin/setup/name", "/admin/setup/look",
    "/admin/setup/features", "/admin/setup/mail", "/admin/setup/done", "/customers", "/customers/new", "/moderation",
    "/moderation?state=decided", "/me",
]  # fmt: skip
PAGES = {"": OPEN, "customer": MEMBER, "admin": ADMIN}
DETAILS = {
    "/admin/people": "a[href^='/admin/people/']",
    "/admin/jobs?of=system": "main a[href^='/admin/jobs/']",
    "/customers": "a[href^='/customers/']:not([href$='/new'])",
    "/organisations": "main a[href^='/organisations/']",
}
"""List pages of the administrator, and the links in them that lead to one thing."""


@dataclass(frozen=True)
class Site:
    """A running server and the browser profiles of those who signed in to it."""

    server: Server
    profiles: dict[str, StorageState | None]


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    instance.mkdir()
    (instance / "ecrm.toml").write_text("pseudo_locales = true\n")
    server = Server(instance, demo=True)
    server.start()
    profiles: dict[str, StorageState | None] = {"": None}
    for role in ("customer", "admin"):
        with visiting(browser, server) as visitor:
            visitor.try_as(role)
            profiles[role] = visitor.context.storage_state()
    yield Site(server, profiles)
    server.stop()


def faults(visitor: Visitor, path: str) -> list[str]:
    """What is wrong with a page as this visitor sees it."""
    page = visitor.go(path)
    page.wait_for_function("window.ecrm")
    return [*axe(page), *sideways(page)]


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark phone": {"viewport": PHONE, "color_scheme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "visitor")
def test_axe_finds_nothing(site: Site, browser: Browser, role: str, look: str) -> None:
    with visiting(browser, site.server, storage_state=site.profiles[role], **LOOKS[look]) as visitor:
        visitor.expected = ["/no-such-page"]
        found = [fault for path in PAGES[role] for fault in faults(visitor, path)]
    assert not found, "\n".join(found)


def test_pages_of_one_thing_are_as_good_as_lists(site: Site, browser: Browser) -> None:
    found = []
    with visiting(browser, site.server, storage_state=site.profiles["admin"], viewport=PHONE) as admin:
        for listing, links in DETAILS.items():
            path = admin.go(listing).locator(links).first.get_attribute("href")
            assert path, listing
            found += faults(admin, path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "visitor")
def test_the_mirrored_language_fits_the_smallest_phone(site: Site, browser: Browser, role: str) -> None:
    options: dict[str, Any] = {
        "viewport": SMALL_PHONE,
        "locale": "ar-XB",
        "storage_state": site.profiles[role],
    }
    with visiting(browser, site.server, **options) as visitor:
        visitor.context.add_cookies([{"name": "locale", "value": "ar_XB", "url": site.server.base}])
        visitor.expected = ["/no-such-page"]
        found = []
        for path in PAGES[role]:
            page = visitor.go(path)
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            found += sideways(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "visitor")
def test_twice_the_size_fits_a_desk(site: Site, browser: Browser, role: str) -> None:
    zoomed = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
    with visiting(browser, site.server, storage_state=site.profiles[role], **zoomed) as visitor:
        visitor.expected = ["/no-such-page"]
        found = [fault for path in PAGES[role] for fault in sideways(visitor.go(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/docs/hooks", "/terms", "/search?q=brake", "/docs/components"])
def test_pages_are_read_without_javascript(site: Site, browser: Browser, path: str) -> None:
    with visiting(browser, site.server, java_script_enabled=False) as reader:
        page = reader.go(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert len(page.locator("main").inner_text()) > 60
        expect(page.locator(".needs-js:visible")).to_have_count(0)
        page.locator(".search-button").click()
        expect(page).to_have_url(f"{site.server.base}/search")


def test_the_menus_open_without_javascript(site: Site, browser: Browser) -> None:
    profile = site.profiles["customer"]
    with visiting(
        browser, site.server, java_script_enabled=False, storage_state=profile, viewport=PHONE
    ) as member:
        page = member.go("/notices")
        page.locator(".person-button").click()
        expect(page.get_by_role("link", name="Settings")).to_be_visible()
        page.get_by_role("button", name="Open navigation").click()
        expect(page.locator("#sidebar").get_by_role("link", name="Forums")).to_be_visible()


def test_paper_shows_the_content_alone(site: Site, browser: Browser) -> None:
    with visiting(browser, site.server, color_scheme="dark") as reader:
        page = reader.go("/docs/hooks")
        page.emulate_media(media="print")
        for part in (".topbar", ".sidebar", ".footer"):
            expect(page.locator(part)).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert light in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}


def test_a_page_begins_at_its_top_however_long_its_menu_is(site: Site, browser: Browser) -> None:
    low = {"width": 1280, "height": 700}
    with visiting(browser, site.server, storage_state=site.profiles["admin"], viewport=low) as admin:
        page = admin.go("/admin/health")
        page.wait_for_function("window.ecrm")
        assert page.evaluate("scrollY") == 0
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.reload()
        page.wait_for_function("window.ecrm")
        expect(page.locator(".side-menu [aria-current]")).to_be_in_viewport()
        assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize(
    "path",
    ["/login", "/forums", "/search?q=brake", "/docs/hooks", "/admin", "/admin/health", "/customers"],
)
def test_the_first_load_is_small(site: Site, browser: Browser, path: str) -> None:
    profile = site.profiles["admin" if path.startswith(("/admin", "/customers")) else ""]
    with visiting(browser, site.server, storage_state=profile) as visitor:
        protocol = visitor.context.new_cdp_session(visitor.page)
        protocol.send("Network.enable")
        sizes: list[float] = []
        protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        visitor.page.goto(site.server.base + path, wait_until="networkidle")
        visitor.page.wait_for_timeout(1200)  # the palette's module comes a second after the page
        assert sum(sizes) < FIRST_LOAD, f"{sum(sizes):.0f} bytes in {len(sizes)} answers"


def test_the_policy_forbids_what_is_inline_and_foreign(site: Site, browser: Browser) -> None:
    with visiting(browser, site.server) as visitor:
        answer = visitor.context.request.get(f"{site.server.base}/login")
        policy = {
            part.split()[0]: part.split()[1:] for part in answer.headers["content-security-policy"].split(";")
        }
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == ["'self'"]
        assert policy["img-src"] == ["'self'", "data:"]
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
        visitor.go("/login")
        visitor.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.broken = true";
              document.body.append(script);
            }"""
        )
        assert visitor.page.evaluate("window.broken") is None
        assert any("Content Security Policy" in fault for fault in visitor.faults)
        visitor.faults.clear()
