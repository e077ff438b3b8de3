"""A file holds exactly the rows and columns that the list shows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from ecrm_server.lists import query
from ecrm_server.lists.cli import export
from tests.core.lists.conftest import add_parcel
from tests.core.lists.test_list_page import codes, page

STATE = {
    "filter": '{"all":[{"trait":"parcels.state","op":"is not","value":"gone"}]}',
    "sort": "-weight",
    "columns": "code,weight,worth,state,arrived",
    "q": "x",
}


@pytest.fixture
def site(parcels_site: Any) -> Any:
    for number in range(9):
        weight = number / 4 if number % 3 else None
        add_parcel(f"X{number}", "gone" if number == 4 else "here", weight=weight, worth=1250)
    add_parcel("Y1")
    return parcels_site


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def read_csv(browser: Any, **arguments: str) -> list[list[str]]:
    answer = browser.get(f"/lists/parcels.parcels/export.csv?{urlencode(arguments)}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="parcels.csv"'
    return rows(answer.text)


def read_xlsx(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_csv_holds_the_rows_of_the_list_in_its_order(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "CHUNK", 3)
    head, *body = read_csv(visitor, **STATE)
    assert head == ["Code", "Weight in kg", "Worth (EUR)", "State", "Arrived (UTC)"]
    assert [row[0] for row in body] == codes(page(visitor, **STATE))
    assert body[0] == ["X8", "2.0", "12.50", "At the desk", "2023-11-14T22:13:20.000Z"]
    assert len(body) == 8


def test_an_xlsx_holds_the_same_with_types(visitor: Any) -> None:
    answer = visitor.get(f"/lists/parcels.parcels/export.xlsx?{urlencode(STATE)}")
    head, *body = read_xlsx(answer.data)
    plain_head, *plain = read_csv(visitor, **STATE)
    assert head == plain_head
    assert [row[0] for row in body] == [row[0] for row in plain]
    assert body[0][1:4] == [2.0, 12.5, "At the desk"]
    assert body[0][4].isoformat() == "2023-11-14T22:13:20"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(visitor: Any, start: str) -> None:
    add_parcel(f"{start}1+1")
    cells = [cell for row in read_csv(visitor, columns="code") for cell in row]
    assert f"'{start}1+1" in cells
    sheet = read_xlsx(visitor.get("/lists/parcels.parcels/export.xlsx?columns=code").data)
    if start != "\r":  # the format itself writes a carriage return in another way
        assert [f"'{start}1+1"] in sheet
    assert not any(str(cell).startswith(start) for row in sheet for cell in row)


def test_spreadsheets_may_have_a_byte_order_mark(visitor: Any) -> None:
    assert visitor.get("/lists/parcels.parcels/export.csv?bom=1").data.startswith(b"\xef\xbb\xbfCode")
    assert visitor.get("/lists/parcels.parcels/export.csv").data.startswith(b"Code")


@pytest.mark.parametrize("path", ["parcels.parcels/export.pdf", "parcels.gone/export.csv", "gone/export.csv"])
def test_other_files_are_not_there(visitor: Any, path: str) -> None:
    assert visitor.get(f"/lists/{path}").status_code == 404


def test_what_the_list_does_not_know_is_refused(visitor: Any) -> None:
    assert visitor.get("/lists/parcels.parcels/export.csv?columns=gone").status_code == 422


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_command_writes_the_same(visitor: Any, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"out.{form}"
    options = [f"--{name}={STATE[name]}" for name in ("filter", "columns", "sort")]
    done = CliRunner().invoke(export, ["parcels.parcels", str(target), *options])
    assert (done.exit_code, done.output) == (0, "rows: 9\n"), done.output
    page_of = {name: STATE[name] for name in ("filter", "columns", "sort")}
    found = rows(target.read_text()) if form == "csv" else read_xlsx(target.read_bytes())
    assert [row[0] for row in found[1:]] == codes(page(visitor, **page_of))
