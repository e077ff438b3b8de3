"""The first minutes with a new site: claim link, "try as", the demo company and its end, the wizard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import PHONE, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = ("name", "look", "features", "mail", "done")


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


def test_the_printed_link_makes_its_first_visitor_administrator(server: Server, browser: Browser) -> None:
    link = re.search(r"http://\S+/claim/(\w+)", server.log.read_text())
    assert link
    with visiting(browser, server) as owner:
        owner.go(f"/claim/{link[1]}")
        assert axe(owner.page) == []
        owner.fill(name="Olga Owner", email="olga@example.org", password="correct horse battery")
        owner.submit()
        owner.go("/admin")
        expect(owner.page.get_by_role("heading", level=1)).to_have_text("Administration")
    with visiting(browser, server) as second:
        second.expected = ["/claim/"]
        second.go(f"/claim/{link[1]}")
        expect(second.page.locator("main")).to_contain_text("This link was used")
        assert axe(second.page) == []


@pytest.mark.parametrize("role", ["admin", "customer", "partner"])
def test_a_visitor_of_the_demo_tries_a_role(server: Server, browser: Browser, role: str) -> None:
    with visiting(browser, server) as visitor:
        visitor.try_as(role)
        visitor.go("/me")
        expect(visitor.page.locator("[name=name]")).to_have_value(f"Demo {role}")


def test_the_ways_in_are_gone_behind_a_proxy(server: Server, browser: Browser) -> None:
    with visiting(browser, server, extra_http_headers={"Forwarded": "for=203.0.113.7"}) as visitor:
        visitor.go("/login")
        expect(visitor.page.get_by_text("Try the demo as")).to_have_count(0)
        visitor.expected = ["/claim/"]
        assert visitor.context.request.get(f"{server.base}/claim/" + "0" * 64).status == 404


def test_the_wizard_has_five_steps_that_can_be_skipped(server: Server, browser: Browser) -> None:
    with visiting(browser, server, viewport=PHONE) as admin:
        admin.try_as("admin")
        for step in STEPS[:-1]:
            admin.go(f"/admin/setup/{step}")
            expect(admin.page.locator(".steps .step")).to_have_count(len(STEPS))
            assert axe(admin.page) == []
            assert sideways(admin.page) == []
            admin.press("Go on" if step == "mail" else "Skip")
        expect(admin.page).to_have_url(re.compile("/admin/setup/done$"))
        admin.press("Finish")
        expect(admin.page).to_have_url(re.compile("/admin$"))


def test_the_wizard_names_and_colours_the_site(server: Server, browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        admin.go("/admin/setup/name")
        admin.fill(site_name="Harbour Riders", tagline="Two wheels, one tide")
        admin.page.screenshot(path=tmp_path / "logo.png", clip={"x": 0, "y": 0, "width": 120, "height": 40})
        admin.page.locator("input[type=file]").set_input_files(tmp_path / "logo.png")
        admin.press("Save and go on")
        expect(admin.page.locator(".brand-name")).to_have_text("Harbour Riders")
        assert admin.page.locator(".brand img").evaluate("picture => picture.naturalWidth") > 0
        before = admin.page.locator(".btn-primary").first.evaluate("e => getComputedStyle(e).backgroundColor")
        admin.fill(accent="teal")
        admin.expected = ["/admin/setup/look"]
        admin.press("Save and go on")
        expect(admin.page.locator("#f-accent-error")).to_contain_text("Write a colour as #")
        admin.fill(accent="#0b6e4f")
        admin.press("Save and go on")
        expect(admin.page.get_by_role("switch", name="Forums")).to_be_checked()
        after = admin.page.locator(".btn-primary").first.evaluate("e => getComputedStyle(e).backgroundColor")
        assert before != after
        assert axe(admin.page) == []


def test_the_demo_company_is_labelled_and_goes_when_asked(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as owner:
        owner.sign_in("olga@example.org", "correct horse battery")
        owner.go("/forums/latest")
        expect(owner.page.locator(".demo-banner")).to_contain_text("are invented")
        owner.go("/customers")
        rows = owner.page.locator("tbody tr").filter(has_not_text="Olga")
        expect(rows.filter(has_text="Demo")).to_have_count(rows.count())
        assert rows.count() > 3
        owner.go("/admin")
        owner.follow("Remove the demo company")
        expect(owner.page.locator("main li").filter(has_text="40 topics")).to_be_visible()
        assert axe(owner.page) == []
        owner.press("Remove the demo company")
        expect(owner.page.locator("main")).to_contain_text("The demo company is gone.")
        expect(owner.page.locator(".demo-banner")).to_have_count(0)
        owner.go("/customers")
        expect(owner.page.locator("tbody tr")).to_have_count(1)
        for path in ("/forums", "/forums/latest", "/customers", "/organisations"):
            assert "demo" not in owner.go(path).locator("main").inner_text().lower()
        owner.go("/forums")
        assert axe(owner.page) == []
    with visiting(browser, server) as visitor:
        visitor.go("/login")
        expect(visitor.page.get_by_text("Try the demo as")).to_have_count(0)
