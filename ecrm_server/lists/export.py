"""Exactly the rows and columns that somebody looks at, as CSV or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from ecrm_server import clock
from ecrm_server.csvfile import safe_cell
from ecrm_server.errors import Refusal
from ecrm_server.lists import values
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.query import Query
from ecrm_server.lists.ways import settled

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Before a CSV for programs that would otherwise not take it for UTF-8."""
XLSX_ROWS = 1_048_575
"""Rows of a sheet below its head."""


def header(bound: Bound, query: Query) -> list[str]:
    """The titles of the columns; money carries its currency, times their zone."""
    suffixes = {"money": " ({0})", "time": " (UTC)"}
    return [
        bound.title(column) + suffixes.get(bound.value_kind(column), "").format(bound.currency(column))
        for column in query.columns
    ]


def cells(bound: Bound, query: Query) -> Iterator[list[Any]]:
    """The rows as cells: text, int, float, Decimal, date, datetime (UTC) or None."""
    for rows in settled(query).every():
        for row in rows:
            yield [
                column.in_file(row) if column.in_file else values.in_file(bound, column, row[column.key])
                for column in query.columns
            ]


def csv_chunks(bound: Bound, query: Query, *, bom: bool = False) -> Iterator[str]:
    """A CSV document (RFC 4180) a piece at a time; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    out.write(BOM if bom else "")
    for number, row in enumerate(_csv_rows(bound, query), 1):
        csv.writer(out).writerow(row)
        if number % 500 == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def write_csv(bound: Bound, query: Query, target: Path, *, bom: bool = False) -> int:
    """Write a CSV file; returns how many rows it holds."""
    with target.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer, count = csv.writer(file), -1
        for row in _csv_rows(bound, query):
            writer.writerow(row)
            count += 1
    return count


def _csv_rows(bound: Bound, query: Query) -> Iterator[list[Any]]:
    yield [safe_cell(title) for title in header(bound, query)]
    for row in cells(bound, query):
        yield [safe_cell(_plain(cell)) for cell in row]


def write_xlsx(bound: Bound, query: Query, target: Path | IO[bytes]) -> int:
    """Write an XLSX workbook row by row, with little memory; returns how many rows it holds. Raises Refusal."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    styles: dict[type, Any] = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    for place, title in enumerate(header(bound, query)):
        sheet.write_string(0, place, safe_cell(title), bold)
    sheet.freeze_panes(1, 0)
    number = 0
    for number, row in enumerate(cells(bound, query), 1):
        if number > XLSX_ROWS:
            book.close()
            raise Refusal("A sheet holds at most 1,048,575 rows. Filter the list, or export it as CSV.")
        for place, cell in enumerate(row):
            _write(sheet, number, place, cell, styles)
    book.close()
    return number


def _write(sheet: Any, row: int, place: int, cell: Any, styles: dict[type, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, int | float | Decimal):
        sheet.write_number(row, place, float(cell) if isinstance(cell, Decimal) else cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, place, cell.replace(tzinfo=None), styles[datetime])
    elif isinstance(cell, date) and cell.year >= 1900:  # spreadsheets know no earlier days
        sheet.write_datetime(row, place, datetime(cell.year, cell.month, cell.day), styles[date])  # noqa: DTZ001
    else:
        sheet.write_string(row, place, str(safe_cell(_plain(cell)))[:32_767])


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return clock.iso(clock.from_datetime(cell))
    return cell.isoformat() if isinstance(cell, date) else "" if cell is None else cell
