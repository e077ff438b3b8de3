"""Work with customers from end to end: views, files, cells, many rows, imports, and the site seen as one of them."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.system.browser import PHONE, SMALL_PHONE, Visitor, axe, chromium_browser, sideways, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
STAGES = ("lead", "customer", "lapsed")
COUNTRIES = ("DE", "FR")
HEAD = ["Number", "Name", "E-mail", "Stage", "Country", "City"]


def person(n: int) -> list[str]:
    return [f"T{n:03}", f"Tess {n:03}", f"tess{n:03}@tess.example", STAGES[n % 3], COUNTRIES[n % 2], f"Town {n % 7}"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demo company, 120 customers called Tess 000 to Tess 119, and Sam of the staff."""
    folder = tmp_path_factory.mktemp("site")
    instance = folder / "instance"
    instance.mkdir()
    server = Server(instance, demo=True)
    server.start()
    write(folder / "tess.csv", [HEAD, *map(person, range(120))])
    server.command("import", "customers", str(folder / "tess.csv"))
    server.command("user", "create", "sam@example.org", "--name", "Sam", "--password", PASSWORD, "--role", "staff")
    yield server
    server.stop()


def write(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


Again = Callable[..., AbstractContextManager[Visitor]]


@pytest.fixture
def again(server: Server, browser: Browser) -> Again:
    """A browser of somebody: ``with again("sam") as sam``; without a name the administrator's."""

    @contextmanager
    def visit(name: str = "", **options: Any) -> Iterator[Visitor]:
        with visiting(browser, server, **options) as other:
            if name:
                other.sign_in(f"{name}@example.org", PASSWORD)
            else:
                other.try_as("admin")
            yield other

    return visit


@pytest.fixture
def admin(again: Again) -> Iterator[Visitor]:
    with again() as admin:
        yield admin


def opened(visitor: Visitor, query: str = "") -> Page:
    page = visitor.go("/customers" + query)
    page.wait_for_function("window.ecrm")
    return page


def names(page: Page) -> list[str]:
    return [link.get_attribute("title") or "" for link in page.locator("[data-row] [data-open]").all()]


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-row]").filter(has=page.locator("[data-open]", has_text=name))


def cell(page: Page, name: str, column: str) -> Locator:
    return row(page, name).locator(f"[data-edit*='/{column}']")


def menu(page: Page, name: str) -> None:
    page.locator(".list-tools summary", has_text=name).click()


def choose(page: Page, name: str, item: str) -> None:
    """Open one of the menus over the list and follow an entry."""
    menu(page, name)
    with page.expect_navigation():
        page.locator(".menu-panel:visible").get_by_role("link", name=item, exact=True).click()


def store(visitor: Visitor, title: str) -> None:
    menu(visitor.page, "View")
    visitor.page.get_by_label("Store as a new view").fill(title)
    visitor.page.locator("#view-shared-new").select_option("everybody")
    visitor.press(re.compile("^Store$"))


def test_a_view_of_customers_is_stored_shared_changed_and_there_after_signing_out(
    admin: Visitor, again: Again
) -> None:
    page = opened(admin, "?q=tess")
    choose(page, "Filter", "Stage")
    page.get_by_label("Lapsed").check()
    admin.press("Apply")
    choose(page, "Filter", "Country")
    page.get_by_label("Germany").check()
    admin.press("Apply")
    with page.expect_navigation():
        page.locator("thead a", has_text="Name").click()
    menu(page, "Columns")
    page.get_by_role("checkbox", name="City").check()
    page.get_by_role("checkbox", name="E-mail", exact=True).uncheck()
    admin.press("Show these")
    shown, heads = names(page), page.locator("thead th").all_inner_texts()
    assert shown == [f"Tess {n:03}" for n in range(119, -1, -1) if n % 3 == 2 and n % 2 == 0]
    assert "City" in heads
    assert "E-mail" not in heads
    store(admin, "Lapsed in Germany")
    with again("sam") as sam:
        theirs = opened(sam)
        sam.follow(re.compile("Lapsed in Germany"))
        assert names(theirs) == shown
        menu(theirs, "View")
        expect(theirs.get_by_role("button", name="Save view")).to_have_count(0)
    with page.expect_navigation():
        page.locator("thead a", has_text="Name").click()
    expect(page.locator(".list-dot")).to_be_visible()
    menu(page, "View")
    admin.fill(title="Lapsed, Germany first")
    admin.press("Save view")
    expect(page.locator(".list-dot")).to_have_count(0)
    page.locator(".person-button").click()
    admin.press("Sign out")
    admin.try_as("admin")
    opened(admin)
    admin.follow(re.compile("Lapsed, Germany first"))
    assert names(page) == sorted(shown)
    assert page.locator("thead th").all_inner_texts() == heads


def saved(page: Page, kind: str) -> bytes:
    menu(page, "Export")
    with page.expect_download() as waiting:
        page.locator(".menu-panel:visible").get_by_role("link", name=kind, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def test_both_kinds_of_file_hold_exactly_the_rows_and_columns_shown(admin: Visitor) -> None:
    page = opened(admin, "?q=tess+01&sort=-name&columns=number,name,stage,email")
    shown = names(page)
    assert shown == [f"Tess 01{n}" for n in range(9, -1, -1)]
    head, *body = csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8")))
    assert head == ["Number", "Name", "Stage", "E-mail"]
    assert [line[1] for line in body] == shown
    assert body[0] == ["T019", "Tess 019", "Customer", "tess019@tess.example"]
    page.keyboard.press("Escape")
    assert workbook(saved(page, "XLSX")) == [head, *body]


def workbook(data: bytes) -> list[list[str]]:
    """The texts of the first sheet."""
    with ZipFile(io.BytesIO(data)) as book:
        shared = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode()) \
            if "xl/sharedStrings.xml" in book.namelist() else []  # fmt: skip
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    rows = []
    for line in re.findall(r"<row[^>]*>(.*?)</row>", sheet, re.DOTALL):
        inline = re.findall(r"<t[^>]*>([^<]*)</t>", line)
        rows.append(inline or [shared[int(number)] for number in re.findall(r't="s"><v>(\d+)', line)])
    return rows


def test_a_cell_of_a_customer_is_edited_by_keyboard_and_its_state_is_seen(admin: Visitor) -> None:
    page = opened(admin, "?q=tess+02&columns=name,stage,city")
    city = cell(page, "Tess 020", "city")
    city.dblclick()
    field = city.locator("input[name=value]")
    field.fill("Bremen")
    expect(city.get_by_text("Not saved")).to_be_visible()
    page.keyboard.press("Escape")
    expect(city.locator("[data-value]")).to_have_text("Town 6")
    city.dblclick()
    field.fill("Bremen")
    page.keyboard.press("Control+s")
    expect(city.get_by_text("Saved")).to_be_visible()
    stage = cell(page, "Tess 020", "stage")
    stage.dblclick()
    stage.locator("select[name=value]").select_option("advocate")
    page.keyboard.press("Control+Enter")
    expect(stage.locator("[data-value]")).to_have_text("Advocate")
    name = cell(page, "Tess 020", "name")
    name.locator(".list-pencil").click()
    name.locator("input[name=value]").fill("")
    admin.expected.append("/rows/")
    page.keyboard.press("Control+s")
    expect(name.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(city.locator("[data-value]")).to_have_text("Bremen")
    expect(stage.locator("[data-value]")).to_have_text("Advocate")


def test_two_of_the_staff_who_edit_one_customer_see_each_other(admin: Visitor, again: Again) -> None:
    with again("sam") as sam:
        mine, theirs = (opened(visitor, "?q=tess+03&columns=name,city") for visitor in (admin, sam))
        for page, city in ((mine, "Kiel"), (theirs, "Jena")):
            cell(page, "Tess 030", "city").dblclick()
            cell(page, "Tess 030", "city").locator("[name=value]").fill(city)
        theirs.keyboard.press("Control+s")
        expect(cell(theirs, "Tess 030", "city").locator("[data-value]")).to_have_text("Jena")
        admin.expected.append("/rows/")
        mine.keyboard.press("Control+s")
        edited = cell(mine, "Tess 030", "city")
        told = re.compile(r"Sam changed this meanwhile\. It is now:\s+Jena")
        expect(edited.get_by_role("alert")).to_contain_text(told)
        assert axe(mine) == []
        edited.get_by_role("button", name="Keep mine").click()
        expect(edited.locator("[data-value]")).to_have_text("Kiel")


def stages(server: Server, pattern: str) -> list[str]:
    with closing(sqlite3.connect(server.instance / "ecrm.db", timeout=10)) as database:
        found = database.execute("SELECT stage FROM customer WHERE name LIKE ? ORDER BY name", (pattern,))
        return [stage for (stage,) in found]


def test_all_that_match_get_another_stage_and_ten_seconds_of_undo(admin: Visitor, server: Server) -> None:
    page, before = opened(admin, "?q=tess"), stages(server, "Tess %")
    row(page, "Tess 040").locator("[data-list-pick]").check()
    row(page, "Tess 041").locator("[data-list-pick]").check()
    expect(page.locator("[data-list-count]")).to_have_text("2 rows selected")
    page.get_by_label("All 120 that match").check()
    page.get_by_role("button", name="Set stage").click()
    dialog = page.locator("#list-dialog")
    expect(dialog).to_contain_text("120")
    dialog.locator("[name=value]").select_option("advocate")
    assert axe(page) == []
    with page.expect_navigation(timeout=60_000):
        dialog.get_by_role("button", name="Set stage").click()
        expect(dialog.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".toast-message")).to_contain_text("rows changed")
    assert set(stages(server, "Tess %")) == {"advocate"}
    with page.expect_navigation(timeout=60_000):
        page.locator(".toast-undo").click()
    assert stages(server, "Tess %") == before


def upload(admin: Visitor, path: Path) -> Page:
    """Choose customers and a file; the page of the columns follows."""
    page = admin.go("/admin/imports/new")
    page.get_by_label("What it holds").select_option(label="Customers")
    page.locator("input[type=file]").set_input_files(path)
    admin.press("Upload")
    return page


def number(page: Page, name: str) -> str:
    """What stands under a count of an import."""
    return page.locator(".import-counts > div", has_text=name).locator("dd").first.inner_text()


def imported(server: Server) -> int:
    with closing(sqlite3.connect(server.instance / "ecrm.db", timeout=10)) as database:
        return int(database.execute("SELECT COUNT(*) FROM customer WHERE name LIKE 'Imre %'").fetchone()[0])


def test_customers_come_from_a_file_through_an_interruption_and_go_again(
    admin: Visitor, server: Server, tmp_path: Path
) -> None:
    many = 2_000
    body = [[f"Imre {n:05}", f"imre{n}@imre.example", "Lead", "Ungarn" if n % 2 else "HU"] for n in range(many)]
    body[7][1] = "no address"
    path = write(tmp_path / "imre.csv", [["Kunde", "E-Mail", "Stage", "Land"], *body])
    page = upload(admin, path)
    page.get_by_label("What the column Kunde fills").select_option(label="Name")
    expect(page.get_by_label("What the column Land fills")).to_have_value("country")
    page.get_by_label("Import the good rows when others are bad").check()
    admin.press("Check the file")
    expect(page.get_by_role("button", name="Start the import")).to_be_visible(timeout=60_000)
    assert (number(page, "Read"), number(page, "Failed")) == ("2,000", "1")
    expect(page.get_by_text("What would happen to the first rows")).to_be_visible()
    assert imported(server) == 0
    assert axe(page) == []
    admin.press("Start the import")
    address = page.url
    while imported(server) < 500:
        time.sleep(0.02)
    admin.expected += ["/state", "/socket.io", "/notices"]
    server.kill()
    assert 500 <= imported(server) < many - 1
    page.goto("about:blank")
    server.start()
    page.goto(address)
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=90_000)
    assert number(page, "Created") == "1,999"
    assert imported(server) == many - 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Failed rows").click()
    head, failed = csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    assert (failed[0], head[-1]) == ("Imre 00007", "Why it was not imported")
    admin.press("Undo this import")
    expect(page.locator("#import-state")).to_contain_text("Undone", timeout=90_000)
    assert imported(server) == 0


def test_staff_see_the_site_as_a_customer_and_the_log_tells_it(admin: Visitor) -> None:
    page = opened(admin, "?q=demo+customer")
    admin.follow("Demo customer")
    customer = page.url
    assert axe(page) == []
    admin.press("View as this person")
    bar = page.locator(".viewing")
    expect(bar).to_contain_text("You see the site as Demo customer.")
    expect(page.locator("#sidebar").get_by_role("link", name="Customers")).to_have_count(0)
    admin.expected += ["/customers", "/me/security"]
    for path in ("/forums", "/me", "/notices", "/customers", "/me/security", "/docs"):
        admin.go(path)
        expect(bar).to_be_in_viewport()
        page.mouse.wheel(0, 5_000)
        expect(bar).to_be_in_viewport()
    expect(admin.go("/me/security").locator("main")).to_contain_text("Only Demo customer sees this page")
    admin.go("/me")
    admin.fill(name="Somebody Else")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator(".toast-message")).to_contain_text("can only look. Nothing was changed.")
    expect(page.locator("[name=name]")).to_have_value("Somebody Else")
    expect(admin.go("/me").locator("[name=name]")).to_have_value("Demo customer")
    assert axe(page) == []
    for size in (PHONE, SMALL_PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert sideways(page) == []
        expect(bar.get_by_role("button", name="Back to myself")).to_be_in_viewport()
    page.emulate_media(color_scheme="dark")
    assert axe(admin.go("/me")) == []
    admin.press("Back to myself")
    assert page.url == customer
    expect(bar).to_have_count(0)
    admin.go("/admin/audit?q=view_as&columns=actor,action,object")
    texts = page.locator("[data-row]").all_inner_texts()
    assert [("Stopped" in text, "Began" in text) for text in texts[:2]] == [(True, False), (False, True)]
    assert all("Demo admin" in text and "Demo customer" in text for text in texts[:2])
    exported = list(csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8"))))
    assert [line[0] for line in exported[1:]] == ["Demo admin"] * len(texts)
