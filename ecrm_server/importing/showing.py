"""What pages show of an import: values as text, counts by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ecrm_server import clock
from ecrm_server.importing.judge import EXISTS, MISSING, NO_KEY
from ecrm_server.importing.kind import Field
from ecrm_server.importing.table import DIFFERING, KEPT, LEFT_OUT, TOGETHER

NAMES = {
    "read": lazy_gettext("Read"),
    "created": lazy_gettext("Created"),
    "updated": lazy_gettext("Updated"),
    "unchanged": lazy_gettext("Unchanged"),
    "skipped": lazy_gettext("Skipped"),
    EXISTS: lazy_gettext("Skipped: exists already"),
    MISSING: lazy_gettext("Skipped: not found"),
    NO_KEY: lazy_gettext("Skipped: the key is empty"),
    TOGETHER: lazy_gettext("Taken together"),
    LEFT_OUT: lazy_gettext("Cells left out"),
    DIFFERING: lazy_gettext("Values that differ"),
    KEPT: lazy_gettext("Local edits kept"),
    "failed": lazy_gettext("Failed"),
    "removed": lazy_gettext("Removed again"),
    "restored": lazy_gettext("Restored"),
    "gone already": lazy_gettext("Gone already"),
    "kept": lazy_gettext("Left as they are"),
}


_SHARES = {
    "created": "success", "updated": "accent", "unchanged": "neutral", "skipped": "warning", "failed": "danger",
    TOGETHER: "info",
}  # fmt: skip
"""What becomes of a row, each with its colour: together they are all rows that were read."""


def counted(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Names, numbers and, of what rows became, colours, in their order; the usual ones also when they are 0."""
    return [(str(NAMES.get(name, name.capitalize())), number, _SHARES.get(name, "")) for name, number in counts.items()]


def preview(rows: Sequence[Mapping[str, Any]], fields: Sequence[Field]) -> dict[str, Any]:
    """``columns`` (titles of fields that occur) and ``rows``: number, result, problems, cells as (text, changed)."""
    used = [item for item in fields if any(item.name in row["values"] for row in rows)]
    return {
        "columns": [item.title for item in used],
        "rows": [
            {
                "number": row["number"],
                "result": row["result"],
                "problems": row["problems"],
                "cells": [(_shown(item, row["values"].get(item.name)), item.name in row["changed"]) for item in used],
            }
            for row in rows
        ],
    }


def _shown(item: Field, value: Any) -> str:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return ", ".join(_TEXTS.get(item.type, _plain)(item, one) for one in values)


def _plain(_item: Field, value: Any) -> str:
    return str(value)


def _money(item: Field, value: int) -> str:
    digits = get_currency_precision(item.currency)
    return f"{Decimal(value).scaleb(-digits)} {item.currency}"


_TEXTS: dict[str, Callable[[Field, Any], str]] = {
    "boolean": lambda item, value: _("Yes") if value else _("No"),
    "choice": lambda item, value: item.choices.get(value, str(value)),
    "money": _money,
    "number": lambda item, value: f"{value:.15g}",
    "time": lambda item, value: f"{clock.iso(value)[:16].replace('T', ' ')} UTC",
}
