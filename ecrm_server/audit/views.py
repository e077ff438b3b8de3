"""The audit log's pages in the administration."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from flask_babel import to_utc

from ecrm_server import clock
from ecrm_server.access import needs
from ecrm_server.audit import queries, services
from ecrm_server.audit.queries import Filter
from ecrm_server.csvfile import csv_text
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("audit", __name__)

_HEADER = ("time", "action", "actor", "actor kind", "object kind", "object", "before", "after", "note", "id")


@pages.get("/admin/audit")
@needs("audit.read")
def index() -> str:
    """The log, newest first."""
    rows, cursor = queries.page(_filter(), before=request.args.get("before", ""))
    kept = _kept()
    older = f"/admin/audit?{urlencode(kept | {'before': cursor})}" if cursor else ""
    return render_template(
        "audit/index.html",
        rows=rows,
        older=older,
        args=kept,
        query=urlencode(kept),
        first=not request.args.get("before"),
    )


@pages.get("/admin/audit.csv")
@needs("audit.read")
def export() -> Response:
    """The rows of the filter as CSV."""
    text = csv_text(_HEADER, (_cells(row) for row in queries.export(_filter())))
    return Response(
        text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="audit.csv"'}
    )


@pages.post("/admin/audit/verify")
@needs("audit.read")
def verify() -> str:
    """Check every record against its seal."""
    noted = request.form.get("head", "").strip().lower()
    return render_template("audit/verify.html", report=services.check(noted_head=noted), noted=noted)


def _kept() -> dict[str, str]:
    names = ("q", "action", "object", "since", "until")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _filter() -> Filter:
    args = request.args
    return Filter(
        actor=args.get("q", ""),
        action=args.get("action", ""),
        obj=args.get("object", ""),
        since=_day(args.get("since", "")),
        until=_day(args.get("until", ""), days=1),
    )


def _day(text: str, *, days: int = 0) -> int | None:
    """The beginning of a day (``2026-11-23``) in the visitor's time zone; None for what is no day."""
    try:
        midnight = datetime.fromisoformat(date.fromisoformat(text).isoformat()) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return clock.from_datetime(to_utc(midnight))


def _cells(row: dict[str, Any]) -> list[Any]:
    return [
        clock.iso(row["at"]), row["action"], row["actor_name"] or "", row["actor_kind"], row["obj_kind"],
        row["obj_uid"], _text(row["before"]), _text(row["after"]), row["note"] or "", row["uid"],
    ]  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
