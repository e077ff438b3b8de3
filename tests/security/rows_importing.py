"""Rows of imports."""

from __future__ import annotations

from tests.security.people import STAFF, only
from tests.security.rows import Row, get, post

IMPORTING: list[Row] = [
    get("importing.index", "/admin/imports", STAFF),
    get("importing.new", "/admin/imports/new", STAFF),
    post("importing.upload", "/admin/imports/new", STAFF, {"kind": "gone"}, may=only()),
    get("importing.mapping", "/admin/imports/{gone}/mapping", STAFF, only()),
    post("importing.save_mapping", "/admin/imports/{gone}/mapping", STAFF, sees=only()),
    get("importing.detail", "/admin/imports/{gone}", STAFF, only()),
    get("importing.state", "/admin/imports/{gone}/state", STAFF, only()),
    get("importing.failed", "/admin/imports/{gone}/failed.csv", STAFF, only()),
    post("importing.act", "/admin/imports/{gone}/start", STAFF, sees=only()),
    post("importing.act", "/admin/imports/{gone}/undo", STAFF, sees=only()),
    post("importing.drop_template", "/admin/imports/templates/gone/{gone}/delete", STAFF, sees=only()),
]
