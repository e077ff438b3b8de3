"""The administrator's pages in use: features, settings, health, outbox, backup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import axe, chromium_browser, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANIFEST = """name = "broken"
title = "Broken"
version = "1.0.0"
core = ">=0.1,<0.2"
summary = "A plugin whose file does not read."
licence = "Apache-2.0"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    broken = instance / "plugins" / "broken"
    broken.mkdir(parents=True)
    (broken / "plugin.toml").write_text(MANIFEST)
    (broken / "plugin.py").write_text("def blueprints(:\n")
    server = Server(instance, demo=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


def test_a_switch_takes_effect_at_once_and_data_stays(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin, visiting(browser, server) as visitor:
        visitor.go("/forums/latest")
        topic = visitor.page.locator("main a[href*='/forums/t/']").first.get_attribute("href")
        assert topic
        admin.try_as("admin")
        card = admin.go("/admin/features").locator("#feature-forums")
        expect(card).to_contain_text("On")
        expect(card.get_by_text("permissions")).to_be_visible()
        admin.press("Disable Forums")
        expect(card).to_contain_text("Off")
        visitor.expected = [topic]
        expect(visitor.go(topic).locator("main")).to_contain_text("Nothing here")
        expect(visitor.page.locator("#sidebar a")).to_have_count(0)
        admin.press("Enable Forums")
        expect(card).to_contain_text("On")
        expect(visitor.go(topic).locator("article.post").first).to_be_visible()


def test_a_broken_plugin_is_fenced_and_named_on_its_card(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin, visiting(browser, server) as visitor:
        admin.try_as("admin")
        card = admin.go("/admin/features").locator("#feature-broken")
        card.get_by_role("button", name=re.compile("Enable")).click()
        admin.page.wait_for_load_state("load")
        expect(card).to_contain_text(re.compile("SyntaxError|invalid syntax|plugin.py"))
        assert axe(admin.page) == []
        visitor.go("/forums")
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Forums")


@pytest.mark.parametrize("role", ["", "admin", "customer", "partner"])
def test_the_sidebar_is_short(server: Server, browser: Browser, role: str) -> None:
    with visiting(browser, server) as visitor:
        if role:
            visitor.try_as(role)
        visitor.go("/forums")
        assert 1 <= visitor.page.locator("#sidebar li").count() <= 7


def test_a_wrong_setting_is_explained_beside_its_field(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        admin.go("/admin/settings/web")
        admin.fill(accent="purple")
        admin.expected = ["/admin/settings"]
        admin.press("Save")
        expect(admin.page.locator("#f-accent")).to_have_attribute("aria-invalid", "true")
        expect(admin.page.locator("#f-accent-error")).to_contain_text("Write a colour as #")
        assert axe(admin.page) == []
        admin.fill(accent="")
        admin.press("Save")
        expect(admin.page.locator("main")).to_contain_text("Saved.")


def test_health_says_what_is_not_needed_and_tries_live_updates(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        admin.go("/admin/health")
        rows = admin.page.locator("tbody tr")
        expect(rows.filter(has_text="Redis")).to_contain_text("Not needed")
        for title in ("Database", "Disk", "Version", "Mail"):
            expect(rows.filter(has_text=title).first).to_be_visible()
        expect(admin.page.locator("#selftest")).to_contain_text("A message came back over the websocket")
        assert axe(admin.page) == []


def test_mail_without_a_server_is_read_in_the_outbox(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as admin, visiting(browser, server) as invited:
        admin.try_as("admin")
        admin.go("/admin/invitations")
        admin.fill(email="ida@example.org")
        admin.press("Send invitation")
        admin.go("/admin/outbox")
        admin.page.locator("tbody a").first.click()
        expect(admin.page.locator("main")).to_contain_text("ida@example.org")
        link = admin.page.locator("pre a[href*='/invitation/']")
        assert axe(admin.page) == []
        invited.page.goto(link.get_attribute("href") or "")
        assert axe(invited.page) == []
        invited.fill(name="Ida Invited", password="correct horse battery")
        invited.submit()
        invited.go("/me/security")
        expect(invited.page.locator("main")).to_contain_text("ida@example.org")


def test_a_backup_fills_an_empty_instance(server: Server, tmp_path: Path) -> None:
    server.command("backup", str(tmp_path / "site.tar"))
    folder = tmp_path / "instance"
    folder.mkdir()
    other = Server(folder)
    other.command("restore", str(tmp_path / "site.tar"))
    assert "forums" in other.command("plugin", "list")
    assert "SQLite answered" in other.command("doctor")
