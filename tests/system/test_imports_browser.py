"""An import as an administrator carries it out: file, columns, check, correction, undo."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.house.sources import ROOT
from tests.system.browser import PHONE, Visitor, axe, chromium_browser, visiting
from tests.system.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CRATES = ROOT / "tests" / "core" / "importing" / "tables" / "crates"
LINES = ["Barcode;kg;Worth;Due;Remark", "A-1;2,5;12,50 €;31.03.2026;x", "A-2;12;1.200,00;01.04.2026;"]
BAD = "A-3;heavy;5,00;32.04.2026;"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    instance = tmp_path_factory.mktemp("site") / "instance"
    shutil.copytree(CRATES, instance / "plugins" / "crates", ignore=shutil.ignore_patterns("__pycache__"))
    server = Server(instance, demo=True)
    server.start()
    server.command("plugin", "enable", "crates")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with chromium_browser(chromium) as browser:
        yield browser


@pytest.fixture
def admin(server: Server, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, server) as admin:
        admin.try_as("admin")
        yield admin


def upload(admin: Visitor, path: Path) -> None:
    """Choose crates and a file; the page of the columns follows."""
    page = admin.go("/admin/imports/new")
    page.get_by_label("What it holds").select_option("crates")
    page.locator("input[type=file]").set_input_files(path)
    admin.press("Upload")
    expect(page.get_by_role("heading", level=1)).to_have_text("Assign the columns")


def number(admin: Visitor, name: str) -> str:
    """What stands under a count."""
    return admin.page.locator(".import-counts > div", has_text=name).locator("dd").first.inner_text()


def test_a_file_becomes_crates_and_is_taken_back(admin: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "crates.csv"
    path.write_text("\n".join([*LINES, BAD, *(f"B-{n};1;1,00;02.04.2026;" for n in range(2_000))]), "utf-8")
    upload(admin, path)
    page = admin.page
    expect(page.get_by_label("What the column kg fills")).to_have_value("weight")
    expect(page.get_by_label("What the column Remark fills")).to_have_value("")
    assert axe(page) == []
    page.get_by_label("Keep as template").fill("Harbour")
    page.get_by_label("Import the good rows when others are bad").check()
    admin.press("Check the file")
    start = page.get_by_role("button", name="Start the import")
    expect(start).to_be_visible()
    assert (number(admin, "Read"), number(admin, "Failed")) == ("2,003", "1")
    expect(page.get_by_text("kg is 'heavy', which is no number.")).to_be_visible()
    assert axe(page) == []
    admin.press("Start the import")
    undo = page.get_by_role("button", name="Undo this import")
    expect(undo).to_be_visible(timeout=60_000)
    assert number(admin, "Created") == "2,002"
    with page.expect_download() as download:
        page.get_by_role("link", name="Failed rows").click()
    failed = Path(download.value.path())
    with failed.open(encoding="utf-8-sig") as stream:
        header, row = csv.reader(stream, delimiter=";")
    assert header[-1] == "Why it was not imported"
    assert row[0] == "A-3"

    corrected = tmp_path / "corrected.csv"
    corrected.write_text(";".join(header) + "\nA-3;3,5;5,00;30.04.2026;;" + row[-1] + "\n", "utf-8")
    upload(admin, corrected)
    page.locator("select[name=template]").select_option("Harbour")
    admin.press("Use template")
    admin.press("Check the file")
    expect(start).to_be_visible()
    admin.press("Start the import")
    expect(undo).to_be_visible(timeout=60_000)
    assert number(admin, "Created") == "1"
    admin.press("Undo this import")
    expect(page.locator("#import-state")).to_contain_text(re.compile("Undone"), timeout=60_000)
    assert number(admin, "Removed again") == "1"
    admin.go("/admin/imports")
    expect(page.get_by_role("link", name="corrected.csv")).to_be_visible()
    assert axe(page) == []


def test_bad_rows_stop_everything_unless_one_chose_otherwise(admin: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("\n".join([*LINES, BAD]), "utf-8")
    upload(admin, path)
    admin.press("Check the file")
    expect(admin.page.get_by_text("Nothing is imported while rows are bad.")).to_be_visible()
    expect(admin.page.get_by_role("button", name="Start the import")).to_have_count(0)
    admin.press("Discard this import")
    expect(admin.page.get_by_text("The file is deleted. Nothing was imported.")).to_be_visible()


def test_the_pages_fit_a_phone(server: Server, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "phone.csv"
    path.write_text("\n".join(LINES), "utf-8")
    with visiting(browser, server, viewport=PHONE) as admin:
        admin.try_as("admin")
        upload(admin, path)
        for _ in range(2):
            width = admin.page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"]
            if "mapping" in admin.page.url:
                admin.press("Check the file")
                expect(admin.page.get_by_text("What would happen to the first rows")).to_be_visible()
