"""An account from its first key press to its deletion, as its owner sees it."""

from __future__ import annotations

import json
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import PHONE, Visitor, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
NEW_PASSWORD = "another long sentence"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    instance.mkdir()
    server = Server(instance, demo=True)
    server.start()
    with ThreadPoolExecutor(2) as hands:
        list(hands.map(lambda name: create(server, name), ("mia", "tom", "rea", "del")))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def admin(server: Server, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        yield admin


def create(server: Server, name: str) -> None:
    """Make a confirmed account."""
    server.command("user", "create", f"{name}@example.org", "--name", name.title(), "--password", PASSWORD)


def link_in_mail(admin: Visitor, recipient: str, path: str) -> str:
    """The address below ``path`` in the newest mail to somebody."""
    row = admin.go("/admin/outbox").locator("tbody tr").filter(has_text=recipient).first
    row.locator("a").click()
    address = admin.page.locator(f"pre a[href*='{path}']").get_attribute("href")
    assert address
    return address


def test_signing_up_needs_only_the_keyboard(server: Server, browser: Browser, admin: Visitor) -> None:
    with visiting(browser, server, timezone_id="Asia/Tokyo") as visitor:
        page = visitor.go("/register")
        page.keyboard.press("Tab")
        expect(page.locator(".skip-link")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        for text in ("Kim Keys", "kim@example.org", PASSWORD):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        expect(page.get_by_label("Tell me by e-mail what is new")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/register" not in address)
        expect(page.locator("main")).to_contain_text("kim@example.org")
        page.goto(link_in_mail(admin, "kim@example.org", "/confirm/"))
        with page.expect_navigation():
            page.get_by_role("button", name="Confirm address").press("Enter")
        visitor.sign_in("kim@example.org", PASSWORD)
        visitor.go("/me")
        expect(page.locator("[name=name]")).to_have_value("Kim Keys")
        expect(page.locator("[name=timezone]")).to_have_value("Asia/Tokyo")


def test_errors_stand_beside_their_fields_on_a_phone(server: Server, browser: Browser) -> None:
    with visiting(browser, server, viewport=PHONE, is_mobile=True, has_touch=True) as visitor:
        visitor.expected = ["/register", "/login"]
        page = visitor.go("/register")
        page.evaluate("document.querySelector('main form').noValidate = true")
        visitor.fill(name="Pat", email="no address", password="short")
        visitor.submit()
        for field in ("email", "password", "terms"):
            wrong = page.locator(f"main [name={field}][aria-invalid=true]")
            described = wrong.get_attribute("aria-describedby") or ""
            expect(page.locator(f"#{described.split()[-1]}")).not_to_be_empty()
        expect(page.locator("main [name=name]")).to_have_value("Pat")
        assert axe(page) == []
        assert sideways(page) == []
        visitor.go("/login")
        visitor.fill(email="mia@example.org", password="not my password")
        visitor.submit()
        expect(page.locator("main .field-error, main .notice-danger").first).to_be_visible()
        assert axe(page) == []


def test_a_forgotten_password_is_replaced_through_the_mailed_link(
    server: Server, browser: Browser, admin: Visitor
) -> None:
    with visiting(browser, server) as visitor:
        visitor.go("/login")
        visitor.follow("Forgot your password?")
        visitor.fill(email="rea@example.org")
        visitor.press("Send link")
        visitor.page.goto(link_in_mail(admin, "rea@example.org", "/reset/"))
        assert axe(visitor.page) == []
        visitor.fill(password=NEW_PASSWORD, password_confirm=NEW_PASSWORD)
        visitor.press("Save password")
    with visiting(browser, server) as visitor:
        visitor.sign_in("rea@example.org", NEW_PASSWORD)
        visitor.go("/me/security")
        expect(visitor.page.locator("main")).to_contain_text("rea@example.org")


def test_one_time_codes_are_switched_on_and_asked_for(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as mia:
        mia.sign_in("mia@example.org", PASSWORD)
        mia.go("/me/two-factor")
        mia.press("Set up")
        assert axe(mia.page) == []
        codes = pyotp.TOTP(mia.page.locator(".secret").inner_text().replace("-", ""))
        mia.fill(code=codes.now())
        mia.press("Switch on")
        mia.go("/me/security")
        expect(mia.page.get_by_role("link", name="Recovery codes")).to_be_visible()
        mia.go("/me/recovery-codes")
        mia.press("Make new codes")
        spare = mia.page.locator(".codes code").first.inner_text()
        assert axe(mia.page) == []
    with visiting(browser, server) as again:
        again.go("/login")
        again.fill(email="mia@example.org", password=PASSWORD)
        again.press(re.compile("^Sign in"))
        expect(again.page.get_by_role("heading", level=1)).to_have_text("Enter your code")
        assert axe(again.page) == []
        again.follow("Use a recovery code")
        again.fill(code=spare)
        again.submit()
        again.go("/me/security")
        expect(again.page.locator("main")).to_contain_text("mia@example.org")


def test_a_session_is_ended_from_another_browser(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as here, visiting(browser, server) as there:
        for visitor in (here, there):
            visitor.sign_in("tom@example.org", PASSWORD)
        rows = here.go("/me/security").locator("tbody tr")
        before = rows.count()
        rows.filter(has_not_text="This browser").first.get_by_role("button", name="Sign out").click()
        expect(rows).to_have_count(before - 1)
        there.go("/me")
        expect(there.page).to_have_url(re.compile("/login"))


def test_a_key_is_shown_once_and_works(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as tom:
        tom.sign_in("tom@example.org", PASSWORD)
        tom.go("/me/api-keys")
        tom.fill(name="Reader")
        tom.page.get_by_label("Read the forums").check()
        tom.press("Make key")
        key = tom.page.locator(".secret").inner_text()
        assert axe(tom.page) == []
        request = urllib.request.Request(
            f"{server.base}/api/v1/forums/topics", headers={"Authorization": f"Bearer {key}"}
        )
        assert json.load(urllib.request.urlopen(request, timeout=10))
        assert key not in tom.go("/me/api-keys").content()
        tom.press("Revoke")
        expect(tom.page.locator("main")).to_contain_text("No keys")


def test_look_and_language_are_remembered(server: Server, browser: Browser) -> None:
    with visiting(browser, server, color_scheme="light") as tom:
        tom.sign_in("tom@example.org", PASSWORD)
        tom.go("/me")
        tom.page.select_option("[name=theme]", "dark")
        tom.page.select_option("[name=density]", "compact")
        tom.press("Save preferences")
        tom.go("/notices")
        expect(tom.page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(tom.page.locator("html")).to_have_attribute("data-density", "compact")
        tom.page.locator(".person-button").click()
        tom.page.locator("[data-set-theme=light]").click()
        expect(tom.page.locator("html")).to_have_attribute("data-theme", "light")
        tom.go("/forums")
        expect(tom.page.locator("html")).to_have_attribute("data-theme", "light")


def test_my_data_come_as_an_archive(server: Server, browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, server) as tom:
        tom.sign_in("tom@example.org", PASSWORD)
        tom.go("/me/data")
        tom.press("Agree")
        expect(tom.page.locator("main")).to_contain_text("Agreed")
        tom.press("Gather my data")
        with tom.page.expect_download() as waiting:
            tom.page.locator("main a[href$='.zip']").first.click(timeout=30_000)
        waiting.value.save_as(tmp_path / "data.zip")
        assert axe(tom.page) == []
    with zipfile.ZipFile(tmp_path / "data.zip") as archive:
        everything = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "tom@example.org" in everything
    assert "mia@example.org" not in everything


def test_an_account_is_deleted_after_its_handle_was_typed(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as visitor:
        visitor.sign_in("del@example.org", PASSWORD)
        visitor.expected = ["/me/delete", "/login", "/people/"]
        visitor.go("/me/delete")
        visitor.fill(handle="somebody")
        visitor.press("Delete my account")
        expect(visitor.page.locator("#f-handle-error")).to_be_visible()
        assert axe(visitor.page) == []
        visitor.fill(handle="del")
        visitor.press("Delete my account")
        visitor.go("/login")
        visitor.fill(email="del@example.org", password=PASSWORD)
        visitor.press(re.compile("^Sign in"))
        expect(visitor.page).to_have_url(re.compile("/login"))
