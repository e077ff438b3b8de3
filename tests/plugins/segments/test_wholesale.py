"""The customers of a real shop out of its order lines; a rule over what was collected says who is wholesale."""

from __future__ import annotations

import csv
import lzma
import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import facts, fields
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared
from ecrm_server.kernel.site import Site
from tests.house.sources import ROOT
from tests.thorough import THOROUGH

pytestmark = [
    pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments"), pytest.mark.slow,
    pytest.mark.timeout(900),
]  # fmt: skip

WHOLESALE = {"trait": "customers.x_typical_quantity", "op": ">=", "value": 12}
NO_COUNTRY = {"Channel Islands", "European Community", "Unspecified"}
OPTIONS = (
    "--together", "--key", "number", "--no-key", "leave out", "--map", "CustomerID=number", "--map", "Country=country",
    "--unfit", "Country=leave out", "--map", "InvoiceDate=created_at", "--collect", "InvoiceDate=smallest",
    "--map", "Quantity=x_typical_quantity", "--collect", "Quantity=median",
    "--map", "InvoiceNo=x_invoices", "--collect", "InvoiceNo=different",
)  # fmt: skip


@dataclass
class Known:
    """What the file says of one customer."""

    countries: list[str] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)
    invoices: set[str] = field(default_factory=set)


def real_file() -> Path:
    path = ROOT.parent / "shared" / "data" / "orders" / "online-retail.csv.xz"
    if not path.is_file():
        pytest.skip("the orders of the real shop are not here (../shared/data/orders/online-retail.csv.xz)")
    return path


@cache
def truth() -> tuple[dict[str, Known], set[str], int, int]:
    """Read without the engine: the customers by number, all names of countries, and rows with and without a number."""
    known: dict[str, Known] = defaultdict(Known)
    names, read, nameless = set(), 0, 0
    with lzma.open(real_file(), "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            read += 1
            names.add(row["Country"])
            if not row["CustomerID"]:
                nameless += 1
                continue
            one = known[row["CustomerID"]]
            one.countries.append(row["Country"])
            one.quantities.append(int(row["Quantity"]))
            one.invoices.add(row["InvoiceNo"])
    return dict(known), names, read, nameless


def command(site: Site, url: str, folder: Path, *arguments: str) -> tuple[dict[str, str], str]:
    """The labelled lines of a real command, and what it said beside."""
    environment = {
        **os.environ, "ECRM_INSTANCE": str(site.config.instance), "DATABASE_URL": url, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "ecrm_server.cli", *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(line.split(": ", 1) for line in done.stdout.splitlines()), done.stderr


def test_order_lines_become_customers_and_a_rule_says_who_is_wholesale(
    site: Site, segments: Any, tmp_path: Path, database_url: str
) -> None:
    known, names, read, nameless = truth()
    assert (len(known), len(names), read, nameless) == (4_372, 38, 541_909, 135_080)
    for title in ("Typical quantity", "Invoices"):
        fields.add(SYSTEM, facts.CUSTOMER, Wanted(title=title, kind="number" if title[0] == "T" else "integer"))
    site.dispatcher.refresh(wait=True)

    counts, told = command(site, database_url, tmp_path, "import", "customers", str(real_file()), *OPTIONS)
    expected = {
        "read": "541909", "created": "4372", "updated": "0", "unchanged": "0", "skipped": "135080",
        "skipped (no key)": "135080", "failed": "0", "taken together": "402457", "differing values": "8",
        "cells left out": "1063",
    }  # fmt: skip
    assert {name: counts[name] for name in expected} == expected
    assert read == 4_372 + 135_080 + 402_457
    assert "Country is 'Unspecified', which names no country (left out in 244 rows, first in row 152714)." in told
    assert "CustomerID 12431: Country is 'Australia' in row 199 and 'Belgium' in row 92483" in told
    assert list(tmp_path.glob("*-failed*")) == []

    _stored_as_the_file_says(known, names)
    _wholesale_is_what_the_rule_says(segments, known)

    if not THOROUGH:
        return
    again, _ = command(site, database_url, tmp_path, "import", "customers", str(real_file()), *OPTIONS)
    assert (again["created"], again["updated"], again["unchanged"]) == ("0", "0", "4372")


def _stored_as_the_file_says(known: dict[str, Known], names: set[str]) -> None:
    rows = Prepared("SELECT number, country, x_typical_quantity, x_invoices FROM customer").tuples()
    found = {number: (quantity, invoices) for number, _, quantity, invoices in rows}
    assert found == {number: (float(median(one.quantities)), len(one.invoices)) for number, one in known.items()}
    # 38 names stand in the file. Of Hong Kong no row has a number; three names are no country, or two of them.
    first = Counter(one.countries[0] for one in known.values())
    assert names - set(first) == {"Hong Kong"}
    assert {name: first[name] for name in NO_COUNTRY} == {
        "Channel Islands": 9, "European Community": 1, "Unspecified": 4,
    }  # fmt: skip
    countries = Counter(country for _, country, *_ in rows)
    assert countries.pop(None) == 14
    assert len(countries) == len(first) - 3 == 34
    assert sorted(countries.values()) == sorted(number for name, number in first.items() if name not in NO_COUNTRY)
    some = {"GB": "United Kingdom", "IE": "EIRE", "ZA": "RSA", "US": "USA", "CZ": "Czech Republic"}
    assert {code: countries[code] for code in some} == {code: first[name] for code, name in some.items()}


def _wholesale_is_what_the_rule_says(segments: Any, known: dict[str, Known]) -> None:
    uid = segments.make("Wholesale", WHOLESALE)
    others = segments.make("Not wholesale", {"not": {"segment": uid}})
    numbers = {number for number, one in known.items() if median(one.quantities) >= 12}
    assert set(segments.names(uid)) == numbers
    assert set(segments.names(others)) == known.keys() - numbers
    assert (len(numbers), len(known) - len(numbers)) == (1_473, 2_899)
