"""Rows of the endpoints of customers and organisations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.security.people import ADMIN, STAFF, only
from tests.security.rows import Row

ONE, OTHER, FIRM = "/customers/{customer}", "/customers/{ada_customer}", "/organisations/{org_a}"
PLAN = f"{FIRM}/plans/{{plan}}"
POINT, PLACE = {"kind": "email", "value": "further@example.org"}, {"city": "Bonn", "country": "DE"}
NOTE, STEP = {"kind": "note", "text": "Hello"}, {"title": "Visit"}
RULE = {"read_roles": ["staff"], "edit_roles": None}


def row(method: str, endpoint: str, path: str, json: Mapping[str, Any] | None = None, **more: Any) -> Row:
    """A row of staff's, unless ``who`` says otherwise."""
    more = {"who": STAFF, "json": json, **more}
    return Row(f"customers_api.{endpoint}", f"/api/v1/customers{path}", method=method, **more)


RECORDS = [
    row("GET", "list_customers", "/customers"),
    row(
        "GET",
        "list_customers",
        '/customers?sort=-name&filter={{"trait":"customers.name","op":"is not empty"}}',
    ),
    row("POST", "make_customer", "/customers", {"name": "New"}),
    row("GET", "one_customer", ONE),
    row("GET", "one_customer", "/customers/{gone}", sees=only()),
    row("PATCH", "change_customer", ONE, {"city": "Bonn"}),
    row("PATCH", "change_customer", "/customers/{gone}", {"city": "Bonn"}, sees=only()),
    row("GET", "list_organisations", "/organisations"),
    row("POST", "make_organisation", "/organisations", {"name": "New"}),
    row("GET", "one_organisation", FIRM),
    row("PATCH", "change_organisation", FIRM, {"city": "Bonn"}),
    row("GET", "list_fields", "/fields/customer"),
    row("POST", "make_field", "/fields/customer", {"title": "Size", "kind": "text"}, who=ADMIN),
    row("PUT", "change_field", "/fields/customer/x_canary", {"title": "Changed"}, who=ADMIN),
    row(
        "PUT",
        "set_field_rule",
        "/fields/customer/email/rule",
        {"read_roles": ["staff"], "edit_roles": None},
        who=ADMIN,
    ),
    row("POST", "archive_field", "/fields/customer/x_canary/archive", who=ADMIN),
]
CONTACTS = [
    row("GET", "list_contacts", f"{ONE}/contacts"),
    row("GET", "list_contacts", "/organisations/{gone}/contacts", sees=only()),
    row("POST", "add_contact", f"{ONE}/contacts", POINT),
    row("PUT", "change_contact", f"{ONE}/contacts/{{point}}", {"value": "other@example.org"}),
    row("PUT", "change_contact", f"{OTHER}/contacts/{{point}}", {"value": "other@example.org"}, sees=only()),
    row("POST", "make_contact_main", f"{ONE}/contacts/{{point}}/main"),
    row("DELETE", "remove_contact", f"{ONE}/contacts/{{point}}"),
    row("DELETE", "remove_contact", f"{OTHER}/contacts/{{point}}", sees=only()),
    row("GET", "list_addresses", f"{ONE}/addresses"),
    row("POST", "add_address", f"{ONE}/addresses", PLACE),
    row("PUT", "change_address", f"{ONE}/addresses/{{address}}", PLACE),
    row("PUT", "change_address", f"{OTHER}/addresses/{{address}}", PLACE, sees=only()),
    row("POST", "make_address_main", f"{ONE}/addresses/{{address}}/main", changes=False),
    row("DELETE", "remove_address", f"{ONE}/addresses/{{address}}"),
    row("POST", "put_back", f"{ONE}/removed/{{removed}}"),
    row("POST", "put_back", f"{OTHER}/removed/{{removed}}", may=only()),
    row("PUT", "put_tag", f"{ONE}/tags/new"),
    row("DELETE", "remove_tag", f"{ONE}/tags/none", changes=False),
]
LOG = [
    row("GET", "list_activities", f"{ONE}/activities"),
    row("POST", "log", f"{ONE}/activities", NOTE),
    row("POST", "log", "/customers/{gone}/activities", NOTE, sees=only()),
    row("GET", "one_activity", f"{ONE}/activities/{{activity}}"),
    row("GET", "one_activity", f"{OTHER}/activities/{{activity}}", sees=only()),
    row("PATCH", "change_activity", f"{ONE}/activities/{{activity}}", {"text": "Changed"}),
    row("PATCH", "change_activity", f"{OTHER}/activities/{{activity}}", {"text": "Changed"}, sees=only()),
    row("DELETE", "delete_activity", f"{ONE}/activities/{{activity}}"),
    row("GET", "one_timeline", f"{ONE}/timeline"),
]
MEMBERS = [
    row("GET", "list_members", f"{FIRM}/members"),
    row("GET", "list_memberships", "/customers/{pam_customer}/organisations"),
    row("PUT", "put_member", f"{FIRM}/members/{{customer}}", {"role": "admin"}),
    row("DELETE", "remove_member", f"{FIRM}/members/{{pam_customer}}"),
    row("DELETE", "remove_member", f"{FIRM}/members/{{quin_customer}}", sees=only()),
]
PLANS = [
    row("GET", "list_due_plans", "/plans"),
    row("GET", "list_plans", f"{FIRM}/plans"),
    row("POST", "make_plan", f"{FIRM}/plans", {"title": "Grow"}),
    row("PUT", "change_plan", PLAN, {"title": "Grow"}),
    row("PUT", "change_plan", "/organisations/{org_b}/plans/{plan}", {"title": "Grow"}, sees=only()),
    row("DELETE", "delete_plan", PLAN),
    row("POST", "add_step", f"{PLAN}/steps", STEP),
    row("PATCH", "change_step", f"{PLAN}/steps/{{step}}", {"done": True}),
    row(
        "PATCH",
        "change_step",
        "/organisations/{org_b}/plans/{plan}/steps/{step}",
        {"done": True},
        sees=only(),
    ),
    row("DELETE", "remove_step", f"{PLAN}/steps/{{step}}"),
]
MERGING = [
    row("GET", "list_duplicates", "/duplicates/customers"),
    row("POST", "dismiss_duplicate", "/duplicates/customers/{pair}/dismiss"),
    row("POST", "dismiss_duplicate", "/duplicates/organisations/{pair}/dismiss", sees=only()),
    row("GET", "preview_merge", f"{OTHER}/merge/{{customer}}"),
    row("POST", "merge", f"{OTHER}/merge", {"merged": "{customer}"}),
    row("POST", "merge", f"{OTHER}/merge", {"merged": "{gone}"}, sees=only()),
    row("GET", "list_merges", f"{OTHER}/merges"),
    row("POST", "undo_merge", "/merges/customers/{merge}/undo"),
    row("POST", "undo_merge", "/merges/organisations/{merge}/undo", sees=only()),
]
API = [*RECORDS, *CONTACTS, *LOG, *MEMBERS, *PLANS, *MERGING]

_COMMON = {
    "uid", "version", "created_at", "updated_at", "name", "number", "email", "phone", "street", "postcode", "city",
    "region", "country", "language", "stage", "source", "owner", "team", "tags", "custom",
}  # fmt: skip
_PERSON, _FIRM = _COMMON | {"account", "birthday"}, _COMMON | {"kind", "tax_number", "website"}
_ACTIVITY = {
    "uid", "kind", "subject", "text", "at", "minutes", "due_at", "done_at", "pinned", "author", "assignee",
    "edited_at", "version",
}  # fmt: skip
_ENTRY = {"part", "kind", "at", "title", "url", "excerpt", "html", "actor", "ref", "state"}
FIELDS: Mapping[str, set[str]] = {
    f"customers_api.{endpoint}": names
    for endpoint, names in {
        "list_customers": _PERSON, "one_customer": _PERSON, "list_organisations": _FIRM, "one_organisation": _FIRM,
        "list_fields": {
            "name", "title", "kind", "custom", "required", "editable", "help", "choices", "currency",
        },
        "list_contacts": {"uid", "kind", "value", "label", "version"},
        "list_addresses": {
            "uid", "label", "street", "postcode", "city", "region", "country", "main", "version",
        },
        "list_activities": _ACTIVITY, "one_activity": _ACTIVITY, "one_timeline": _ENTRY,
        "list_members": {"uid", "name", "email", "stage", "role", "joined_at"},
        "list_memberships": {"uid", "name", "kind", "role", "joined_at"},
        "list_due_plans": {"organisation", "name", "title", "review_on", "steps", "done"},
        "list_plans": {"uid", "title", "goal", "owner", "review_on", "state", "version", "steps"},
        "list_duplicates": {"uid", "score", "reasons", "first", "first_name", "second", "second_name"},
        "preview_merge": {"facts"},
        "list_merges": {"uid", "merged", "name", "by", "at"},
    }.items()
}  # fmt: skip
"""What each answers with, and no more."""
