"""Rows of segments: pages, the form's fragments, lists kept by hand, and the REST API."""

from __future__ import annotations

from tests.security.people import STAFF, only
from tests.security.rows import Row, get, post

API = "/api/v1/segments/segments"
DRAFT = {
    "kind": "rule", "title": "Written by a test", "kind:r": "all", "kind:r.0": "condition",
    "trait:r.0": "customers.city", "op:r.0": "is", "value:r.0": "Vienna",
}  # fmt: skip
RULE = {"trait": "customers.city", "op": "is", "value": "Vienna"}
CHANGE = {"title": "Changed", "rule": RULE, "version": 1}

SEGMENTS: list[Row] = [
    get("segments.overview", "/segments/", STAFF),
    get("segments.overview", "/segments/?archived=1", STAFF),
    get("segments.segment", "/segments/{segment}", STAFF),
    get("segments.segment", "/segments/{segment}?after={customer}", STAFF),
    get("segments.segment", "/segments/{segment_list}?q=Canary", STAFF),
    get("segments.segment", "/segments/{gone}", STAFF, only()),
    get("segments.fresh_members", "/segments/{segment}/members", STAFF),
    get("segments.fresh_members", "/segments/{gone}/members", STAFF, only()),
    get("segments.why", "/segments/{segment}/why/{customer}", STAFF),
    get("segments.why", "/segments/{segment}/why/{gone}", STAFF, only()),
    get("segments.new", "/segments/new", STAFF),
    get("segments.edit", "/segments/{segment}/edit", STAFF),
    get("segments.edit", "/segments/{gone}/edit", STAFF, only()),
    post("segments.create", "/segments/new", STAFF, DRAFT),
    post("segments.create", "/segments/new", STAFF, {**DRAFT, "do": "condition:r"}, changes=False),
    post("segments.change", "/segments/{segment}/edit", STAFF, {**DRAFT, "version": "1"}),
    post("segments.change", "/segments/{gone}/edit", STAFF, {**DRAFT, "version": "1"}, sees=only()),
    post("segments.builder", "/segments/builder", STAFF, DRAFT, changes=False),
    post("segments.look", "/segments/preview", STAFF, {**DRAFT, "op:r.0": "is empty"}, changes=False),
    post("segments.archive", "/segments/{segment}/archive", STAFF),
    post("segments.archive", "/segments/{gone}/archive", STAFF, sees=only()),
    post("segments.restore", "/segments/{segment_old}/restore", STAFF),
    post("segments.paste", "/segments/{segment_list}/paste", STAFF, {"text": "{customer}"}),
    post("segments.add", "/segments/{segment_list}/members/{customer}/add", STAFF),
    post("segments.remove", "/segments/{segment_list}/members/{ada_customer}/remove", STAFF),
    get("segments_api.list_segments", API, STAFF),
    post("segments_api.create", API, STAFF, json={"title": "By a program", "rule": RULE}),
    get("segments_api.one", f"{API}/{{segment}}", STAFF),
    get("segments_api.one", f"{API}/{{gone}}", STAFF, only()),
    Row("segments_api.change", f"{API}/{{segment}}", STAFF, "PUT", json=CHANGE),
    Row("segments_api.archive", f"{API}/{{segment}}", STAFF, "DELETE"),
    get("segments_api.list_members", f"{API}/{{segment}}/members", STAFF),
    post("segments_api.put_in", f"{API}/{{segment_list}}/members", STAFF, json={"customers": ["{customer}"]}),
    Row(
        "segments_api.take_out", f"{API}/{{segment_list}}/members", STAFF, "DELETE",
        json={"customers": ["{ada_customer}"]},
    ),
    get("segments_api.why", f"{API}/{{segment}}/why/{{customer}}", STAFF),
    get("segments_api.why", f"{API}/{{segment}}/why/{{gone}}", STAFF, only()),
]  # fmt: skip
