"""Cells into values: the many ways in which files write the same thing."""

from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.importing.columns import Columns
from ecrm_server.importing.kind import Field
from ecrm_server.importing.options import Options, propose

SIZES = {"s": "Small", "m": "Medium"}


def read(kind: str, *cells: str, **options: str) -> list[Any]:
    """What a column of these cells becomes; sentences for what fails."""
    field = Field("x", "X", kind, choices=SIZES, currency="EUR", max_length=5)
    rows = [(number, [cell], "") for number, cell in enumerate(cells, 2)]
    columns = Columns(["X"], [field], Options(mapping={"X": "x"}, **options), rows)  # type: ignore[arg-type]
    if columns.unclear:
        return columns.unclear
    return [row.problems[0] if row.problems else row.values.get("x") for row in map(columns.read, rows)]


@pytest.mark.parametrize(
    "kind, cells, values",
    [
        ("text", ("  a b ", "", "'=1", "'+4", "a'b"), ["a b", None, "=1", "+4", "a'b"]),
        ("integer", ("1234", "1,234", "-5", "1 234"), [1234, 1234, -5, 1234]),
        ("integer", ("1.234", "1.234.567", "5"), [1234, 1234567, 5]),
        ("integer", ("7.0", "1e3"), [7, 1000]),
        ("number", ("1.5", "1,234.5", ".5e1"), [1.5, 1234.5, "X is '.5e1', which is no number."]),
        ("number", ("1,5", "1.234,5", "0,125", "1'234,5"), [1.5, 1234.5, 0.125, 1234.5]),
        ("money", ("12.50", "EUR 3", "1,000.00 €", "(2.00)", "-1"), [1250, 300, 100000, -200, -100]),
        ("money", ("12,50 €", "1.000,00", "3"), [1250, 100000, 300]),
        ("boolean", ("yes", "Nein", "1", "X", "oui", "FALSE"), [True, False, True, True, True, False]),
        ("date", ("2026-03-31", "31.03.2026", "31/3/26", "20260331", "31 March 2026"), ["2026-03-31"] * 5),
        ("date", ("3/31/2026", "3/1/2026", "Mar 31, 2026"), ["2026-03-31", "2026-03-01", "2026-03-31"]),
        ("date", ("31.12.1999", "1. März 2026", "2026-03-31 00:00:00"), ["1999-12-31", "2026-03-01", "2026-03-31"]),
        ("time", ("2026-03-31T14:30:00Z", "2026-03-31 16:30 +02:00", "3/31/2026 2:30 PM"), [1774967400000] * 3),
        ("choice", ("s", "Small", "MEDIUM"), ["s", "s", "m"]),
        ("email", ("Ada@Example.org", "ä@example.org"), ["ada@example.org", "ä@example.org"]),
        ("phone", ("+49 (0)30 / 12-34", "0049 30 1234", "030 1234"), ["+49301234", "+49301234", "0301234"]),
        ("country", ("RSA", "USA", "Hong Kong", "Czech Republic"), ["ZA", "US", "HK", "CZ"]),
        ("country", ("de", "DEU", "Deutschland", "Germany", "EIRE", "Allemagne"), ["DE"] * 4 + ["IE", "DE"]),
    ],
)
def test_what_is_meant_is_understood(kind: str, cells: tuple[str, ...], values: list[Any]) -> None:
    assert read(kind, *cells) == values


@pytest.mark.parametrize(
    "kind, cell, sentence",
    [
        ("text", "abcdef", "X has 6 characters, but at most 5 fit."),
        ("text", "=1+1", "X holds a formula; write its value, or an apostrophe before a text that begins so."),
        ("number", "#REF!", "X holds #REF!, the error of a formula."),
        ("integer", "1.5", "X is '1.5', which is no whole number."),
        ("integer", "99999999999999999999", "X is 99999999999999999999, which is out of range."),
        ("number", "1e999", "X is 1e999, which is out of range."),
        ("number", "nan", "X is 'nan', which is no number."),
        ("money", "1.005", "X is 1.005, but EUR has 2 decimals."),
        ("money", "12 USD", "X is '12 USD', which is no number."),
        ("boolean", "perhaps", "X is 'perhaps', which is neither yes nor no."),
        ("date", "2026-02-30", "X is '2026-02-30', which is no date such as 2026-03-31."),
        ("date", "31 Foo 2026", "X is '31 Foo 2026', which is no date such as 2026-03-31."),
        ("time", "2026-03-31 25:00", "X is '2026-03-31 25:00', which is no time such as 2026-03-31 14:30."),
        ("choice", "huge", "X is 'huge', which is none of s, m."),
        ("email", "ada at example", "X is 'ada at example', which is no e-mail address."),
        ("phone", "call me", "X is 'call me', which is no telephone number."),
        ("country", "Unspecified", "X is 'Unspecified', which names no country."),
        ("country", "European Community", "X is 'European Community', which is many countries; name one of them."),
        (
            "country", "Channel Islands",
            "X is 'Channel Islands', which are two: Jersey and Guernsey; name one of them.",
        ),
        ("country", "Narnia", "X is 'Narnia', which is no country; use its name or a code such as DE."),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(kind: str, cell: str, sentence: str) -> None:
    options = {"decimals": "point"} if kind in ("number", "money", "integer") else {}
    assert read(kind, cell, **options) == [sentence]


@pytest.mark.parametrize(
    "kind, cells, options, value",
    [
        ("date", ("03/04/2026", "05/05/2026"), {"dates": "day first"}, "2026-04-03"),
        ("date", ("03/04/2026",), {"dates": "month first"}, "2026-03-04"),
        ("number", ("1,234",), {"decimals": "comma"}, 1.234),
        ("number", ("1,234",), {"decimals": "point"}, 1234.0),
    ],
)
def test_where_two_readings_fit_it_asks(
    kind: str, cells: tuple[str, ...], options: dict[str, str], value: Any
) -> None:
    assert "can be read in two ways" in read(kind, *cells)[0]
    assert read(kind, *cells, **options)[0] == value


def test_times_without_an_offset_are_local_to_the_zone() -> None:
    assert read("time", "2026-03-31 16:30", zone="Europe/Berlin") == [1774967400000]


def test_rows_of_another_length_are_told() -> None:
    columns = Columns(["A", "B"], [Field("a", "A")], Options(mapping={"A": "a"}), [])
    assert columns.read((2, ["x"], "")).problems == ("It ends after 1 of 2 cells: B is missing.",)
    assert columns.read((2, ["x", "y", "z"], "")).problems == ("It has 3 cells, but there are 2 columns.",)
    assert columns.read((2, ["x", "y", ""], "")).values == {"a": "x"}


def test_columns_are_matched_by_name_alias_and_likeness() -> None:
    fields = [Field("first_name", "First name", aliases=("Vorname",)), Field("email", "E-mail", aliases=("Mail",))]
    header = ["VORNAME", "e_mail", "Adress", "uid"]
    assert propose(header, fields) == {"VORNAME": "first_name", "e_mail": "email", "uid": "uid"}
    assert propose(["Frist name", "Mail", "E-mail"], fields) == {"Frist name": "first_name", "E-mail": "email"}
