"""Rows of what every list shares: the audit log, which only administrators see, and bulk actions of one's own."""

from __future__ import annotations

from tests.security import people as p
from tests.security.people import ADMIN, ALL, SIGNED, only
from tests.security.rows import Row, get, post

LOG = "/lists/audit.entries"
NO_CELL = f"{LOG}/rows/{{gone}}/action"
LISTS: list[Row] = [
    get("lists.export_rows", f"{LOG}/export.csv", ALL, ADMIN),
    get("lists.export_rows", f"{LOG}/export.xlsx", ALL, ADMIN),
    get("lists.export_rows", f"{LOG}/export.csv?view={{list_view}}", ALL, only(p.ROOT)),
    get("lists.export_rows", "/lists/audit.gone/export.csv", ALL, only()),
    get("audit.index", "/admin/audit?view={list_view}", ADMIN),
    get("audit.index", "/admin/audit?view={list_view_other}", ADMIN, only()),
    post("lists.store_view", f"{LOG}/views", SIGNED, {"title": "Mine"}, sees=ADMIN),
    post(
        "lists.store_view",
        f"{LOG}/views",
        SIGNED,
        {"title": "x", "shared": "{group}"},
        sees=ADMIN,
        may=only(),
    ),
    post(
        "lists.change_view",
        f"{LOG}/views/{{list_view}}",
        SIGNED,
        {"title": "New", "version": "1"},
        sees=only(p.ROOT),
    ),
    post(
        "lists.change_view",
        f"{LOG}/views/{{list_view_other}}",
        SIGNED,
        {"title": "New", "version": "1"},
        sees=only(),
    ),
    post("lists.delete_view", f"{LOG}/views/{{list_view}}/delete", SIGNED, sees=only(p.ROOT)),
    post("lists.delete_view", f"{LOG}/views/{{list_view_other}}/delete", SIGNED, sees=only()),
    post("lists.choose_default", f"{LOG}/default", SIGNED, {"view": "{list_view}"}, sees=only(p.ROOT)),
    post("lists.choose_default", f"{LOG}/default", SIGNED, {"view": "{list_view_other}"}, sees=only()),
    get("lists.edit_cell", NO_CELL, SIGNED, only()),
    post("lists.save_cell", NO_CELL, SIGNED, {"value": "x", "version": "1"}, sees=only()),
    Row("lists.save_cell", NO_CELL, SIGNED, "PATCH", only(), form={"value": "x", "version": "1"}),
    post("lists.start_bulk", f"{LOG}/bulk/delete", SIGNED, {"uid": "{gone}", "sure": "1"}, sees=only()),
    get("lists.bulk_page", "/lists/bulk/{list_bulk}", SIGNED, only(p.STAN)),
    get("lists.bulk_page", "/lists/bulk/{gone}", SIGNED, only()),
    post("lists.undo_bulk", "/lists/bulk/{list_bulk}/undo", SIGNED, sees=only(p.STAN)),
    post("lists.build_index", f"{LOG}/index/action", ADMIN, sees=only()),
]
