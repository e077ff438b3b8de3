"""The guide to rules names every operator with the kinds it compares."""

from __future__ import annotations

import re

from ecrm_server.rules import KINDS, OPERATORS
from tests.house.sources import ROOT

GUIDE = (ROOT / "docs" / "developers" / "rules.md").read_text("utf-8")


def kinds_of(cell: str) -> set[str]:
    """The kinds that a cell of the table names: a list, ``all``, or ``all but`` some."""
    named = set(re.findall(r"[a-z]+", cell)) & set(KINDS)
    return {str(kind) for kind in KINDS if (kind in named) is not cell.startswith("all")}


def test_the_table_of_operators_is_the_code() -> None:
    table = GUIDE.partition("## Operators")[2].partition("\n\nMoney")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    written = {
        word: kinds_of(kinds.strip()) for words, kinds in rows for word in re.findall(r"`([^`]+)`", words)
    }
    assert written == {word: set(operator.kinds) for word, (operator, _) in OPERATORS.items()}


def test_every_kind_is_described() -> None:
    table = GUIDE.partition("## Traits")[2].partition("## Operators")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(KINDS)
