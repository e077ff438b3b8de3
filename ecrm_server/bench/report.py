"""The result as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from ecrm_server import __version__
from ecrm_server.bench import machine
from ecrm_server.bench.runner import Outcome

COLUMNS = ("case", "figure", "measured", "limit", "goal", "verdict", "of what")
_COLOURS = {"ok": "green", "missed": "red", "reported": "default"}


def table(outcomes: Iterable[Outcome]) -> Table:
    """One line for each figure, and for each case that was left out."""
    shown = Table(*COLUMNS, title="eCRM Server: speed and memory")
    for column in shown.columns[2:5]:
        column.justify = "right"
    for outcome in outcomes:
        name = f"{outcome.case} ({outcome.engine})"
        if outcome.skipped:
            shown.add_row(name, "", "", "", "", "skipped", outcome.skipped)
        for figure in outcome.figures:
            side = "≥ " if figure.more_is_better else "≤ "
            limit = side + number(figure.limit) if figure.limit is not None else ""
            goal = side + number(figure.goal) if figure.goal is not None else ""
            verdict = f"[{_COLOURS[figure.verdict]}]{figure.verdict}[/]"
            measured = f"{number(figure.value)} {figure.unit}".strip()
            shown.add_row(name, figure.name, measured, limit, goal, verdict, figure.detail)
        shown.add_section()
    return shown


def number(value: float) -> str:
    """A value with three significant digits, whole from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def document(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Everything for JSON."""
    return {
        "version": __version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "results": [outcome.as_dict() for outcome in outcomes],
    }
