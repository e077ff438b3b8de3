"""Saying yes and no to the recording of visits, with and without JavaScript, as visitors see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import PHONE, Visitor, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEARCH = "https://www.search.example/find?q=squealing+brakes"
NOTICE = ".consent-notice"


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A site that asks visitors."""
    instance = tmp_path_factory.mktemp("site") / "instance"
    instance.mkdir()
    server = Server(instance, demo=True)
    server.start()
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        admin.go("/admin/settings/consent").get_by_label("Ask visitors").check()
        admin.submit()
    yield server
    server.stop()


def ids(visitor: Visitor) -> list[Any]:
    return [cookie for cookie in visitor.context.cookies() if cookie["name"] == "ecrm_visitor"]


def press(visitor: Visitor, answer: str) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator(f"{NOTICE}, .card").get_by_role("button", name=answer, exact=True).first.click()
    visitor.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_no_stores_nothing_and_is_remembered(server: Server, browser: Browser, javascript: bool) -> None:
    with visiting(browser, server, java_script_enabled=javascript) as visitor:
        visitor.go("/forums")
        assert visitor.context.cookies() == []
        press(visitor, "No")
        assert visitor.page.url.endswith("/forums")
        visitor.go("/terms")
        expect(visitor.page.locator(NOTICE)).to_have_count(0)
        assert [cookie["value"] for cookie in visitor.context.cookies()] == ["consent.visits@1-"]
        expect(visitor.go("/privacy/choices").locator("main")).to_contain_text("Nothing.")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_yes_records_the_visit_until_it_is_taken_back(
    server: Server, browser: Browser, javascript: bool
) -> None:
    with visiting(browser, server, java_script_enabled=javascript) as visitor:
        visitor.page.goto(f"{server.base}/forums?utm_campaign=spring", referer=SEARCH)
        press(visitor, "Yes")
        assert len(ids(visitor)) == 1
        visitor.go("/terms")
        visitor.page.wait_for_load_state("networkidle")
        page = visitor.go("/privacy/choices")
        page.locator("summary").last.click()
        visit = page.locator(".visit-list")
        expect(visit).to_contain_text("spring")
        expect(visit).to_contain_text("/forums")
        if javascript:
            expect(visit).to_contain_text("squealing brakes")
            expect(visit).to_contain_text("/terms")
        press(visitor, "No")
        expect(visitor.page.locator("main")).to_contain_text("You did not agree")
        expect(visitor.page.locator("main")).to_contain_text("Nothing.")
        assert ids(visitor) == []


def test_the_buttons_are_equal_and_the_notice_covers_nothing(server: Server, browser: Browser) -> None:
    for size in ({}, {"viewport": PHONE}):
        with visiting(browser, server, **size) as visitor:
            page = visitor.go("/forums")
            boxes = [button.bounding_box() for button in page.locator(f"{NOTICE} button").all()]
            assert len(boxes) == 2
            assert boxes[0]["width"] == boxes[1]["width"]
            assert boxes[0]["height"] == boxes[1]["height"]
            styles = [
                button.evaluate(
                    "b => { const s = getComputedStyle(b); return [s.color, s.backgroundColor, s.font] }"
                )
                for button in page.locator(f"{NOTICE} button").all()
            ]
            assert styles[0] == styles[1]
            notice, main = page.locator(NOTICE).bounding_box(), page.locator("main").bounding_box()
            assert notice is not None
            assert main is not None
            assert notice["y"] + notice["height"] <= main["y"]
            assert axe(page) == []
            assert not sideways(page)
            assert axe(visitor.go("/privacy/choices")) == []


def test_people_agree_and_withdraw_on_the_page_of_their_data(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as visitor:
        visitor.try_as("customer")
        visitor.go("/me/data")
        visitor.press("Agree: Your visits")
        visitor.go("/forums")
        visitor.page.wait_for_load_state("networkidle")
        page = visitor.go("/me/data")
        expect(page.get_by_role("heading", name="Your visits")).to_be_visible()
        assert axe(page) == []
        visitor.press("Withdraw: Your visits")
        expect(visitor.page.get_by_role("heading", name="Your visits")).to_have_count(0)
        expect(visitor.page.locator("#consents")).to_contain_text("Not agreed")


def test_a_question_is_answered_and_another_put_off(server: Server, browser: Browser) -> None:
    with visiting(browser, server) as visitor:
        visitor.try_as("customer")
        page = visitor.go("/me")
        assert axe(page) == []
        page.get_by_label("Which time zone are you in?").select_option("Europe/Berlin")
        visitor.press("Save answer")
        expect(visitor.page.locator("main")).not_to_contain_text("Which time zone are you in?")
        visitor.press("Not now")
        expect(visitor.page.locator("main")).not_to_contain_text("May we ask?")
