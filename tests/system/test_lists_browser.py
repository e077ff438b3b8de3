"""A list from end to end: filter, sort, store the view, edit in place, change many rows with undo, board, export."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.house.sources import ROOT
from tests.system.browser import (
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

LIST = "/parcels/all"
STATES = ("here", "called", "gone")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    (instance / "plugins").mkdir(parents=True)
    shutil.copytree(ROOT / "tests" / "sample_plugin" / "ecrm_parcels", instance / "plugins" / "parcels")
    server = Server(instance, demo=True)
    server.start()
    server.command("plugin", "enable", "parcels")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def parcels(server: Server) -> None:
    """120 parcels, P000 to P119, their states in turn."""
    with closing(sqlite3.connect(server.instance / "ecrm.db", timeout=10)) as database, database:
        database.execute("DELETE FROM parcels_parcel")
        database.executemany(
            "INSERT INTO parcels_parcel (uid, code, code_key, state, weight, announced, version, changed_by,"
            " created_at) VALUES (?, ?, ?, ?, ?, 0, 1, '', 1700000000000)",
            [
                (f"p{n:03}", f"P{n:03}", f"p{n:03}", STATES[n % 3], n / 4 if n % 5 else None)
                for n in range(120)
            ],
        )


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


Again = Callable[..., AbstractContextManager[Visitor]]


@pytest.fixture
def again(server: Server, browser: Browser) -> Again:
    """Another browser of the same person: ``with again() as other``; options are those of the browser."""

    @contextmanager
    def visit(**options: Any) -> Iterator[Visitor]:
        with visiting(browser, server, **options) as other:
            other.try_as("admin")
            yield other

    return visit


@pytest.fixture
def staff(server: Server, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, server) as staff:
        staff.try_as("admin")
        yield staff


def opened(visitor: Visitor, query: str = "") -> Page:
    page = visitor.go(LIST + query)
    page.wait_for_function("window.ecrm")
    return page


def codes(page: Page) -> list[str]:
    return page.locator("[data-row] [data-open]").all_inner_texts()


def row(page: Page, code: str) -> Locator:
    return page.locator(f"[data-row='{code.lower()}']")


def choose(page: Page, menu: str, item: str) -> None:
    """Open one of the menus over the list and follow an entry."""
    page.locator(".list-tools summary", has_text=menu).click()
    with page.expect_navigation():
        page.locator(".menu-panel:visible a", has_text=item).first.click()


def test_a_view_is_filtered_sorted_stored_and_there_after_signing_out(staff: Visitor, again: Again) -> None:
    page = opened(staff)
    assert codes(page)[:2] == ["P000", "P001"]
    staff.follow("Next")
    assert codes(page)[0] == "P050"
    staff.follow("Previous")
    assert codes(page)[0] == "P000"
    choose(page, "Filter", "State")
    page.get_by_label("Called for").check()
    staff.press("Apply")
    expect(page.locator(".filter-chip")).to_have_text(re.compile("State is Called for"))
    choose(page, "Filter", "Weight")
    page.locator("[name=op]").select_option("between")
    page.get_by_label("Value", exact=True).fill("5")
    page.get_by_label("Second value").fill("20")
    staff.press("Apply")
    with page.expect_navigation():
        page.locator("thead a", has_text="Weight").click()
    with page.expect_navigation():
        page.locator("thead a", has_text="Weight").click()
    shown = codes(page)
    assert (shown[0], shown[-1]) == ("P079", "P022")
    page.locator(".list-tools summary", has_text="Columns").click()
    page.get_by_role("button", name="Move Weight in kg up").click()
    page.get_by_role("checkbox", name="Arrived").uncheck()
    staff.press("Show these")
    heads = page.locator("thead th").all_inner_texts()
    assert heads[1:] == ["Code", "Weight in kg", "State", "Kept until"]
    page.locator(".list-tools summary", has_text="View").click()
    page.get_by_label("Store as a new view").fill("Heavy and called")
    page.locator("[name=shared]").select_option("everybody")
    staff.press("Store")
    assert codes(page) == shown
    with again() as later:
        page = opened(later)
        later.follow("Heavy and called")
        assert codes(page) == shown
        assert page.locator("thead th").all_inner_texts()[1:] == heads[1:]


def test_a_cell_is_edited_by_keyboard_and_its_state_is_seen(staff: Visitor) -> None:
    page = opened(staff)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(row(page, "P001")).to_be_focused()
    page.keyboard.press("e")
    field = row(page, "P001").locator("[name=value]")
    expect(field).to_be_focused()
    field.select_option("gone")
    expect(row(page, "P001").get_by_text("Not saved")).to_be_visible()
    page.keyboard.press("Escape")
    expect(row(page, "P001").get_by_text("Called for")).to_be_visible()
    weight = row(page, "P001").locator("[data-edit*='weight']")
    weight.dblclick()
    weight.locator("input[name=value]").fill("7.5")
    page.keyboard.press("Control+Enter")
    expect(weight.get_by_text("Saved")).to_be_visible()
    expect(weight.locator("[data-value]")).to_have_text("7.5")
    weight.dblclick()
    weight.locator("input[name=value]").fill("1000")
    staff.expected.append("/rows/")
    page.keyboard.press("Control+s")
    expect(weight.get_by_role("alert")).to_have_text("A parcel weighs at most 100 kg.")
    weight.locator("input[name=value]").fill("8")
    page.keyboard.press("Control+s")
    expect(weight.locator("[data-value]")).to_have_text("8")
    page.reload()
    expect(weight.locator("[data-value]")).to_have_text("8")
    page.keyboard.press("/")
    expect(page.locator("[data-list-search]")).to_be_focused()


def test_two_editors_see_each_other(staff: Visitor, again: Again) -> None:
    with again() as other:
        mine, theirs = opened(staff), opened(other)
        for page, value in ((mine, "gone"), (theirs, "called")):
            cell = row(page, "P000").locator("[data-edit*='state']")
            cell.dblclick()
            cell.locator("[name=value]").select_option(value)
        cell = row(theirs, "P000").locator("[data-edit*='state']")
        cell.get_by_role("button", name="Save").click()
        expect(cell.get_by_text("Called for")).to_be_visible()
        staff.expected.append("/rows/")
        cell = row(mine, "P000").locator("[data-edit*='state']")
        cell.get_by_role("button", name="Save").click()
        expect(cell.get_by_role("alert")).to_contain_text(
            re.compile("changed this meanwhile. It is now: +Called for")
        )
        assert axe(mine) == []
        cell.get_by_text("Take theirs").click()
        expect(cell.locator("[data-value]")).to_have_text("Called for")
        cell.dblclick()
        cell.locator("[name=value]").select_option("here")
        cell.get_by_role("button", name="Save").click()
        expect(cell.locator("[data-value]")).to_have_text("At the desk")


def test_many_rows_are_changed_with_progress_and_ten_seconds_of_undo(staff: Visitor) -> None:
    page = opened(staff)
    page.keyboard.press("j")
    page.keyboard.press("x")
    row(page, "P001").locator("[data-list-pick]").check()
    expect(page.locator("[data-list-count]")).to_have_text("2 rows selected")
    set_state(page, "2 parcels", "gone")
    expect(page.locator(".toast-message")).to_contain_text("2 rows changed")
    expect(row(page, "P000")).to_contain_text("Handed out")
    with page.expect_navigation():
        page.locator(".toast-undo").click()
    expect(row(page, "P000")).to_contain_text("At the desk")
    expect(row(page, "P001")).to_contain_text("Called for")


def test_all_that_match_are_changed(staff: Visitor) -> None:
    page = opened(staff, "?q=p0")
    row(page, "P000").locator("[data-list-pick]").check()
    page.get_by_label("All 100 that match").check()
    set_state(page, "100 parcels", "gone")
    expect(page.locator(".toast-message")).to_contain_text("100 rows changed")
    page = opened(staff, "?group=state")
    expect(page.locator(".list-group-title").nth(2)).to_contain_text("Handed out")
    assert page.locator("[data-row]").count() == 6 + 7 + 25


def set_state(page: Page, sentence: str, state: str) -> None:
    page.get_by_role("button", name="Set state").click()
    dialog = page.locator("#list-dialog")
    expect(dialog).to_contain_text(f"Set the state of {sentence}?")
    dialog.locator("[name=value]").select_option(state)
    with page.expect_navigation():
        dialog.get_by_role("button", name="Set state").click()


def test_cards_are_moved_by_mouse_keyboard_and_menu(staff: Visitor) -> None:
    page = opened(staff, "?group=state&layout=board")
    page.wait_for_load_state("networkidle")
    lanes = page.locator("[data-lane]")
    row(page, "P000").drag_to(lanes.nth(1).locator(".list-card").first)
    expect(lanes.nth(1).locator("[data-row='p000'][data-version='2']")).to_be_visible()
    card = row(page, "P003")
    card.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(lanes.nth(1).locator("[data-row='p003'][data-version='2']")).to_be_focused()
    card = row(page, "P006")
    card.locator("summary").click()
    with page.expect_navigation():
        card.get_by_role("button", name="Move to Handed out").click()
    for code, lane in (("P000", 1), ("P003", 1), ("P006", 2)):
        expect(page.locator("[data-lane]").nth(lane).locator(f"[data-row='{code.lower()}']")).to_be_visible()


def test_the_file_holds_what_the_page_shows(staff: Visitor, tmp_path: Path) -> None:
    page = opened(staff, "?sort=-weight&q=p00&columns=weight,code")
    page.locator(".list-tools summary", has_text="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV", exact=True).click()
    waiting.value.save_as(tmp_path / "parcels.csv")
    with (tmp_path / "parcels.csv").open(encoding="utf-8", newline="") as file:
        head, *body = csv.reader(file)
    assert head == ["Weight in kg", "Code"]
    assert [line[1] for line in body] == codes(page)


def test_a_list_works_without_scripts(again: Again) -> None:
    with again(java_script_enabled=False) as plain:
        page = plain.go(LIST)
        choose(page, "Filter", "Code")
        page.locator("[name=op]").select_option("starts with")
        page.locator("[name=value]").fill("P01")
        plain.press("Apply")
        assert codes(page) == [f"P01{n}" for n in range(10)]
        row(page, "P010").locator("[data-list-pick]").check()
        plain.press("Set state")
        page.locator("[name=value]").select_option("gone")
        plain.press("Set state")
        expect(page.locator("main")).to_contain_text("1 row was changed.", timeout=15_000)
        plain.press("Undo")
        page = plain.go(LIST)
        with page.expect_navigation():
            row(page, "P000").locator("[data-edit*='weight'] a").click()
        page.locator("[name=value]").fill("3")
        plain.press("Save")
        assert page.url.endswith(LIST)
        expect(row(page, "P000").locator("[data-edit*='weight']")).to_contain_text("3")


@pytest.mark.parametrize(
    "query", ["", "?add=parcels.due", "?group=state", "?group=state&layout=board", "?q=none"]
)
def test_every_state_is_accessible_and_fits(staff: Visitor, again: Again, query: str) -> None:
    page = opened(staff, query)
    assert axe(page) == []
    for size in (PHONE, SMALL_PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert sideways(page) == []
    with again(color_scheme="dark") as dark:
        assert axe(opened(dark, query)) == []


@pytest.mark.parametrize("path", ["/customers", "/organisations"])
def test_the_columns_shown_at_first_fit_a_desk_in_one_line_each(staff: Visitor, path: str) -> None:
    page = staff.go(path)
    box = page.locator(".list-table")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    heights = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(heights) < 48
    page.mouse.wheel(0, 400)
    expect(page.locator("thead th").nth(1)).to_be_in_viewport()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    expect(page.locator("tbody tr").first.locator(".list-part-head")).to_be_visible()


def test_where_columns_do_not_fit_the_first_one_stays(staff: Visitor) -> None:
    page = staff.go("/customers?columns=name,number,stage,email,phone,city,country,birthday,owner,tags,updated_at")
    box, head = page.locator(".list-table"), page.locator("tbody [data-open]").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    before = head.bounding_box()
    box.evaluate("box => box.scrollLeft = 300")
    assert head.bounding_box() == before
