"""What a person is told: the bell, mail by choice, one click to hear no more."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.system.browser import Visitor, axe, chromium_browser, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    instance.mkdir()
    server = Server(instance, demo=True)
    server.start()
    server.command(
        "user", "create", "nia@example.org", "--name", "Nia Noticed", "--password", "correct horse battery"
    )
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


@pytest.fixture(scope="module")
def nia(server: Server, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, server) as nia:
        nia.sign_in("nia@example.org", "correct horse battery")
        yield nia


def mention(writer: Visitor, words: str) -> None:
    """Reply to the first topic with words to Nia."""
    page = writer.go("/forums/latest")
    page.locator("main a[href*='/forums/t/']").first.click()
    page.wait_for_load_state("load")
    page.wait_for_function("window.ecrm")
    page.locator("textarea[name=text]").last.fill(f"@nia-noticed {words}")
    page.get_by_role("button", name="Post reply").last.click()
    expect(page.locator("article.post", has_text=words)).to_be_visible()


def mails(admin: Visitor, recipient: str) -> int:
    """How many mails to somebody the outbox shows."""
    return admin.go("/admin/outbox").locator("tbody tr").filter(has_text=recipient).count()


def until_mailed(admin: Visitor, recipient: str, count: int) -> None:
    """Wait for that many mails."""
    for _ in range(40):
        if mails(admin, recipient) >= count:
            return
        admin.page.wait_for_timeout(250)
    raise AssertionError(f"not {count} mails to {recipient}")


def bell(page: Page) -> int:
    """The number on the bell."""
    count = page.locator("[data-bell-count]")
    return int(count.inner_text()) if count.is_visible() else 0


def test_the_bell_rings_while_the_page_is_open(server: Server, admin: Visitor, nia: Visitor) -> None:
    nia.go("/forums")
    nia.page.wait_for_function("window.ecrm")
    before = bell(nia.page)
    mention(admin, "look at this spoke")
    expect(nia.page.locator("[data-bell-count]")).to_have_text(str(before + 1))
    nia.go("/notices")
    assert axe(nia.page) == []
    nia.page.locator("main a", has_text=re.compile("mention", re.IGNORECASE)).first.click()
    expect(nia.page.locator("article.post", has_text="look at this spoke")).to_be_visible()
    nia.go("/notices")
    assert bell(nia.page) == before


def test_the_bell_opens_its_menu_at_the_first_click(nia: Visitor) -> None:
    page = nia.go("/forums")
    page.wait_for_function("window.ecrm")
    panel = page.locator(".bell + .menu .menu-panel")
    page.locator("[data-bell]").click()
    expect(panel.get_by_role("link").first).to_be_visible()
    page.locator("h1").click()
    expect(panel).to_be_hidden()
    page.locator("[data-bell]").click()
    expect(panel).to_be_visible()


def test_one_click_in_a_mail_ends_mail_of_its_kind(server: Server, admin: Visitor, nia: Visitor) -> None:
    mention(admin, "the second spoke")
    until_mailed(admin, "nia@example.org", 1)
    admin.page.locator("tbody tr").filter(has_text="nia@example.org").first.locator("a").click()
    link = admin.page.locator("pre a[href*='/unsubscribe/']").first.get_attribute("href")
    assert link
    page = nia.page
    page.goto(link)
    assert axe(page) == []
    nia.press("Unsubscribe")
    expect(page.locator("main")).to_contain_text("no more mail of this kind")
    nia.go("/me/notifications")
    row = page.locator("tbody tr", has_text="Somebody mentions you")
    expect(row.locator("input[value$=':mail']")).not_to_be_checked()
    expect(row.locator("input[value$=':site']")).to_be_checked()
    count = mails(admin, "nia@example.org")
    mention(admin, "the third spoke")
    expect(nia.go("/notices").locator("main")).to_contain_text("mention")
    admin.page.wait_for_timeout(1500)
    assert mails(admin, "nia@example.org") == count


def test_mail_programs_unsubscribe_without_a_page(server: Server, admin: Visitor, nia: Visitor) -> None:
    nia.go("/me/notifications")
    row = nia.page.locator("tbody tr", has_text="Somebody mentions you")
    row.locator("input[value$=':mail']").check()
    nia.press("Save")
    nia.go("/notices")
    nia.press("Mark all read")  # while a notice is unread, more of its group is counted into it
    count = mails(admin, "nia@example.org")
    mention(admin, "the fourth spoke")
    until_mailed(admin, "nia@example.org", count + 1)
    admin.page.locator("tbody tr").filter(has_text="nia@example.org").first.locator("a").click()
    link = admin.page.locator("pre a[href*='/unsubscribe/']").first.get_attribute("href") or ""
    request = urllib.request.Request(link, data=b"List-Unsubscribe=One-Click", method="POST")
    assert urllib.request.urlopen(request, timeout=10).status == 200
    nia.go("/me/notifications")
    expect(row.locator("input[value$=':mail']")).not_to_be_checked()


def test_what_concerns_safety_cannot_be_switched_off(nia: Visitor) -> None:
    page = nia.go("/me/notifications")
    expect(
        page.locator("tbody tr", has_text="Security of your account").locator("input").first
    ).to_be_disabled()
    assert axe(page) == []


def test_a_kind_is_switched_off_on_the_site(server: Server, admin: Visitor, nia: Visitor) -> None:
    nia.go("/me/notifications")
    box = nia.page.locator("tbody tr", has_text="Somebody mentions you").locator("input[value$=':site']")
    box.uncheck()
    nia.press("Save")
    expect(box).not_to_be_checked()
    before = bell(nia.go("/forums"))
    mention(admin, "the fifth spoke")
    nia.page.wait_for_timeout(1500)
    assert bell(nia.go("/forums")) == before
