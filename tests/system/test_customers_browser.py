"""The page of a customer in two browsers: it grows live by what any part tells, and two editors lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.system.browser import PHONE, SMALL_PHONE, Visitor, axe, chromium_browser, sideways, visiting
from tests.system.forums import steps
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Enter = Callable[..., AbstractContextManager[Visitor]]
LONG = "Konstantinopoulos-Featherstonehaugh von und zu Hohenlohe-Waldenburg-Schillingsfürst"


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


@pytest.fixture
def enter(server: Server, browser: Browser) -> Enter:
    """``with enter("customer") as visitor``: a browser of one of the demo's people; options are the browser's."""

    @contextmanager
    def visit(role: str = "admin", **options: Any) -> Iterator[Visitor]:
        with visiting(browser, server, **options) as visitor:
            visitor.try_as(role)
            yield visitor

    return visit


def made(visitor: Visitor, name: str, area: str = "customers") -> str:
    """The path of a new customer or organisation, which the visitor then looks at."""
    visitor.go(f"/{area}/new")
    visitor.fill(name=name)
    visitor.submit()
    ready(visitor.page)
    return visitor.page.url.removeprefix(visitor.base)


def ready(page: Page) -> None:
    """Wait until the page's scripts listen."""
    page.wait_for_load_state("networkidle")


def log(page: Page, kind: str, subject: str, **fields: str) -> None:
    """Log something by the form that unfolds."""
    page.locator("#log > summary").click()
    box = page.locator("#log")
    box.get_by_role("radio", name=kind).check()
    box.get_by_label("Subject").fill(subject)
    for label, value in fields.items():
        box.get_by_label(label).fill(value)
    box.get_by_role("button", name="Log").click()
    expect(page.locator("#timeline")).to_contain_text(subject)
    expect(box.get_by_role("button", name="Log")).to_be_hidden()


def faults(page: Page) -> list[str]:
    """What axe finds, and what sticks out, of the page as it begins: scrolled, the bar covers half a button."""
    page.evaluate("scrollTo(0, 0)")
    return [*axe(page), *sideways(page)]


def entry(page: Page, words: str) -> Locator:
    return page.locator("#timeline .timeline-entry", has_text=words)


def test_a_timeline_grows_by_what_every_part_tells(enter: Enter) -> None:
    with enter("customer") as customer, enter("admin") as staff, enter("admin") as other:
        page = staff.go("/customers?q=Demo+customer")
        page.get_by_role("link", name="Demo customer", exact=True).first.click()
        path = page.url.removeprefix(staff.base)
        ready(page)
        topic = customer.go("/forums/latest")
        topic.locator("main a[href*='/forums/t/']").first.click()
        ready(topic)
        steps.write(topic, "Live words of a customer")
        steps.post(topic)
        expect(page.locator("#timeline")).to_contain_text("Live words of a customer", timeout=5_000)
        theirs = other.go(path)
        ready(theirs)
        page.evaluate("window.unchanged = true")
        log(theirs, "Call", "Asked for the bill", Minutes="7")
        expect(entry(page, "Asked for the bill")).to_contain_text("7 minutes", timeout=5_000)
        log(theirs, "Task", "Send the bill", Due="2020-01-01T10:00")
        tasks = page.get_by_role("region", name="Tasks").or_(page.locator(".standing"))
        expect(tasks).to_contain_text("Overdue")
        page.get_by_role("link", name="Task", exact=True).click()
        ready(page)
        expect(page.locator("#timeline")).not_to_contain_text("Live words")
        expect(page.locator("#timeline")).to_contain_text("Send the bill")


def test_an_entry_is_changed_where_it_stands_by_keyboard(enter: Enter) -> None:
    with enter() as staff:
        made(staff, "Bo Keyboard")
        page = staff.page
        log(page, "Note", "Likes blue")
        pencil = page.get_by_role("link", name="Change Likes blue")
        pencil.focus()
        page.keyboard.press("Enter")
        field = page.locator("#timeline").get_by_label("Subject")
        expect(field).to_be_focused()
        page.keyboard.press("Escape")
        expect(pencil).to_be_focused()
        page.keyboard.press("Enter")
        field.fill("Likes red")
        page.keyboard.press("Control+s")
        expect(entry(page, "Likes red")).to_contain_text("edited")
        page.get_by_role("button", name="Pin: Likes red").press("Enter")
        expect(page.locator(".standing")).to_contain_text("Likes red")
        page.get_by_role("button", name="Delete: Likes red").press("Enter")
        expect(entry(page, "Likes red")).to_have_count(0)
        page.locator(".toast-undo").last.press("Enter")
        expect(entry(page, "Likes red")).to_have_count(1)


def test_nothing_typed_is_lost_on_an_error_or_to_another_editor(enter: Enter) -> None:
    with enter() as one, enter() as other:
        one.expected += ["/contacts"]
        path = made(one, "Bo Contested")
        page = one.page
        page.get_by_text("Add e-mail or phone").click()
        box = page.locator("#add-contact")
        box.get_by_label("Kind").select_option("phone")
        box.get_by_label("Address or number").fill("no number")
        box.get_by_role("button", name="Add").click()
        expect(box.locator(".field-error")).to_contain_text("This is no phone number")
        expect(box.get_by_label("Address or number")).to_have_value("no number")
        expect(box.get_by_label("Address or number")).to_be_focused()
        box.get_by_label("Address or number").fill("+49 30 1234567")
        box.get_by_role("button", name="Add").click()
        contacts = page.locator("[data-fresh=contacts]")
        expect(contacts).to_contain_text("+49 30 1234567")
        contacts.get_by_role("link", name="Change +49 30 1234567").click()
        contacts.get_by_label("Address or number").fill("+49 89 111 111")
        theirs = other.go(path)
        ready(theirs)
        theirs.get_by_role("link", name="Change +49 30 1234567").click()
        theirs.locator("[data-fresh=contacts]").get_by_label("Address or number").fill("+49 40 222 222")
        theirs.keyboard.press("Control+Enter")
        expect(theirs.locator("[data-fresh=contacts]")).to_contain_text("+49 40 222 222")
        expect(contacts.get_by_label("Address or number")).to_have_value("+49 89 111 111")
        contacts.get_by_role("button", name="Save").click()
        alert = contacts.get_by_role("alert")
        expect(alert).to_contain_text("changed this meanwhile")
        expect(alert).to_contain_text("+49 40 222 222")
        assert not faults(page)
        contacts.get_by_role("button", name="Keep mine").click()
        expect(theirs.locator("[data-fresh=contacts]")).to_contain_text("+49 89 111 111", timeout=5_000)
        contacts.get_by_role("button", name="Remove +49 89 111 111").click()
        expect(contacts).not_to_contain_text("+49 89 111 111")
        page.locator(".toast-undo").last.click()
        expect(contacts).to_contain_text("+49 89 111 111")


def test_two_editors_of_the_facts_see_what_both_changed(enter: Enter) -> None:
    with enter() as one, enter() as other:
        one.expected += ["/edit"]
        path = made(one, "Bo Twice")
        page, theirs = one.go(f"{path}/edit"), other.go(f"{path}/edit")
        other.fill(city="Essen", phone="+49 201 12345")
        other.submit()
        expect(theirs.locator(".facts")).to_contain_text("Essen")
        one.fill(city="Trier", number="K-17")
        one.submit()
        expect(page.locator(".field-contested")).to_contain_text("It is now: Essen")
        expect(page.get_by_label("City")).to_have_value("Trier")
        expect(page.get_by_label("Phone")).to_have_value("+49 201 12345")
        assert not faults(page)
        one.press("Keep mine")
        for fact in ("Trier", "K-17", "+49 201 12345"):
            expect(page.locator(".facts")).to_contain_text(fact)


def test_without_a_script_every_form_is_a_page(enter: Enter, server: Server, browser: Browser) -> None:
    with visiting(browser, server, java_script_enabled=False) as plain:
        plain.expected += ["/contacts"]
        plain.try_as("admin")
        plain.go("/customers/new")
        plain.fill(name="Bo Plain")
        plain.submit()
        page = plain.page
        page.get_by_text("Add e-mail or phone").click()
        page.locator("#add-contact").get_by_label("Address or number").fill("nowhere")
        with page.expect_navigation():
            page.locator("#add-contact").get_by_role("button", name="Add").click()
        expect(page.locator(".field-error")).to_contain_text("no e-mail address")
        expect(page.get_by_label("Address or number")).to_have_value("nowhere")
        page.get_by_label("Address or number").fill("bo@plain.example")
        plain.press("Add")
        plain.press("Remove bo@plain.example")
        plain.press("Undo")
        expect(page.locator("#contacts")).to_contain_text("bo@plain.example")


def test_a_plan_with_steps_is_kept_on_the_page_of_an_organisation(enter: Enter) -> None:
    with enter() as staff:
        made(staff, "Plan Ltd", "organisations")
        page, plans = staff.page, staff.page.locator("#plans")
        plans.locator("summary", has_text="Make a plan").click()
        plans.get_by_label("Title").fill("Twice the orders")
        plans.get_by_label("Review").fill("2020-05-01")
        plans.get_by_role("button", name="Save plan").click()
        expect(plans.locator(".plan .late")).to_contain_text("May 1, 2020")
        plans.locator("summary", has_text="Add step").click()
        plans.get_by_label("Step").fill("Visit")
        plans.get_by_role("button", name="Add step").click()
        plans.get_by_role("button", name="Done: Visit").click()
        expect(plans.locator("s")).to_have_text("Visit")
        plans.get_by_role("button", name="Delete: Twice the orders").click()
        expect(plans.locator(".plan")).to_have_count(0)
        page.locator(".toast-undo").last.click()
        expect(plans.locator("s")).to_have_text("Visit")


@pytest.mark.parametrize("look", [PHONE, SMALL_PHONE], ids=["phone", "small"])
def test_the_page_fits_and_is_accessible_in_every_state(enter: Enter, look: Any) -> None:
    with enter(viewport=look, color_scheme="dark" if look is PHONE else "light") as staff:
        staff.expected += ["/contacts"]
        made(staff, LONG)
        page = staff.page
        assert not faults(page)
        log(page, "Task", "Quote for " + "very" * 30 + " long words", Due="2020-01-01T10:00")
        page.locator("#log > summary").click()
        page.locator("#add-contact > summary").click()
        page.locator("#add-contact").get_by_label("Address or number").fill("none")
        page.locator("#add-contact").get_by_role("button", name="Add").click()
        expect(page.locator("#add-contact .field-error")).to_be_visible()
        page.get_by_role("link", name=re.compile("^Change Quote")).first.click()
        expect(page.locator("form.piece:visible")).to_have_count(3)
        assert not faults(page)
