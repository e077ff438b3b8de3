"""Rows of customers and organisations: their pages, lists, fields, merges, plans and endpoints."""

from __future__ import annotations

from tests.security import people as p
from tests.security.people import ADMIN, SIGNED, STAFF, only
from tests.security.rows import Row, get, post
from tests.security.rows_customers_api import API

CUSTOMER = {"name": "Changed", "email": "changed@example.org", "stage": "customer"}
FIRM = {"name": "New", "kind": "partner"}
FIELD = {"title": "Size", "kind": "text"}
NOTE = {"kind": "note", "text": "Hello"}
ANSWER = {"subject": "Re: Hello", "text": "Fine."}
POINT = {"kind": "email", "value": "further@example.org"}
PLAN = {"title": "Grow"}

PAGES: list[Row] = [
    get("customers.index", "/customers", STAFF),
    get("customers.index", "/customers?q=Canary", STAFF),
    get("customers.new", "/customers/new", STAFF),
    get("customers.customer", "/customers/{customer}", STAFF),
    get("customers.customer", "/customers/{ada_customer}", STAFF),
    get("customers.customer", "/customers/{gone}", STAFF, only()),
    get("customers.entries", "/customers/{ada_customer}/timeline", STAFF),
    get("customers.edit", "/customers/{customer}/edit", STAFF),
    post("customers.create", "/customers/new", STAFF, CUSTOMER),
    post("customers.change", "/customers/{customer}/edit", STAFF, CUSTOMER),
    post(
        "customer_memberships.add",
        "/customers/{customer}/memberships",
        STAFF,
        {"other": "{org_a}", "role": "admin"},
    ),
    post("customer_memberships.add", "/organisations/{org_a}/memberships", STAFF, {"other": "{customer}"}),
    get("customer_memberships.find", "/customers/{customer}/memberships/new?q=Canary", STAFF),
    get("customer_memberships.find", "/organisations/{org_a}/memberships/new?q=Canary", STAFF),
    get("customer_memberships.edit", "/organisations/{org_a}/memberships/{pam_customer}/edit", STAFF),
    get("customer_memberships.edit", "/organisations/{org_b}/memberships/{pam_customer}/edit", STAFF, only()),
    post(
        "customer_memberships.change",
        "/customers/{pam_customer}/memberships/{org_a}/edit",
        STAFF,
        {"role": "admin"},
    ),
    post(
        "customer_memberships.change",
        "/organisations/{org_b}/memberships/{pam_customer}/edit",
        STAFF,
        {"role": "admin"},
        sees=only(),
    ),
    post("customer_memberships.main", "/customers/{pam_customer}/memberships/{org_a}/main", STAFF),
    post("customer_memberships.main", "/customers/{pam_customer}/memberships/{org_b}/main", STAFF, sees=only()),
    post("customer_memberships.end", "/customers/{pam_customer}/memberships/{org_a}/end", STAFF),
    post("customer_memberships.end", "/organisations/{org_a}/memberships/{pam_customer}/end", STAFF),
    get("customers.organisation_index", "/organisations", SIGNED),
    get("customers.organisation_index", "/organisations?q=Canary", SIGNED),
    get("customers.organisation", "/organisations/{org_a}", SIGNED, p.ORG_A),
    get("customers.organisation", "/organisations/{org_b}", SIGNED, p.ORG_B),
    get("customers.organisation", "/organisations/{gone}", SIGNED, only()),
    get("customers.organisation_entries", "/organisations/{org_a}/timeline", STAFF),
    get("customers.new_organisation", "/organisations/new", STAFF),
    post("customers.create_organisation", "/organisations/new", STAFF, FIRM),
    get("customers.edit_organisation", "/organisations/{org_a}/edit", STAFF),
    post("customers.change_organisation", "/organisations/{org_a}/edit", STAFF, FIRM),
]

BESIDE: list[Row] = [
    post("customer_log.log", "/customers/{customer}/activities", STAFF, NOTE),
    post("customer_log.log", "/organisations/{org_a}/activities", STAFF, NOTE),
    post("customer_log.log", "/customers/{gone}/activities", STAFF, NOTE, sees=only()),
    post("customer_log.change_activity", "/customers/{customer}/activities/{activity}/pin", STAFF),
    post(
        "customer_log.change_activity",
        "/customers/{ada_customer}/activities/{activity}/pin",
        STAFF,
        sees=only(),
    ),
    get("customer_log.edit_activity", "/customers/{customer}/activities/{activity}/edit", STAFF),
    get("customer_log.edit_activity", "/customers/{ada_customer}/activities/{activity}/edit", STAFF, only()),
    post(
        "customer_log.save_activity",
        "/customers/{customer}/activities/{activity}/edit",
        STAFF,
        {"text": "Other"},
    ),
    post("customer_log.put_back", "/customers/{customer}/removed/{removed}", STAFF),
    get("customer_log.answer", "/customers/{customer}/activities/{received}/answer", STAFF),
    get("customer_log.answer", "/customers/{ada_customer}/activities/{received}/answer", STAFF, only()),
    get("customer_log.answer", "/customers/{customer}/activities/{activity}/answer", STAFF, only()),
    post("customer_log.send_answer", "/customers/{customer}/activities/{received}/answer", STAFF, ANSWER),
    get("customer_contacts.edit_contact", "/customers/{customer}/contacts/{point}/edit", STAFF),
    get("customer_contacts.edit_contact", "/customers/{ada_customer}/contacts/{point}/edit", STAFF, only()),
    post(
        "customer_contacts.save_contact",
        "/customers/{customer}/contacts/{point}/edit",
        STAFF,
        {"value": "other@example.org"},
    ),
    get("customer_contacts.edit_address", "/customers/{customer}/addresses/{address}/edit", STAFF),
    get(
        "customer_contacts.edit_address", "/customers/{ada_customer}/addresses/{address}/edit", STAFF, only()
    ),
    post(
        "customer_contacts.save_address",
        "/customers/{customer}/addresses/{address}/edit",
        STAFF,
        {"city": "Essen"},
    ),
    post("customer_contacts.add_contact", "/customers/{customer}/contacts", STAFF, POINT),
    post("customer_contacts.change_contact", "/customers/{customer}/contacts/{point}/remove", STAFF),
    post(
        "customer_contacts.change_contact",
        "/customers/{ada_customer}/contacts/{point}/remove",
        STAFF,
        sees=only(),
    ),
    post("customer_contacts.add_address", "/customers/{customer}/addresses", STAFF, {"city": "Bonn"}),
    post("customer_contacts.change_address", "/customers/{customer}/addresses/{address}/remove", STAFF),
    post(
        "customer_contacts.change_address",
        "/customers/{ada_customer}/addresses/{address}/main",
        STAFF,
        sees=only(),
    ),
    post("customer_log.invite", "/customers/{customer}/invite", STAFF, {"email": "invited@example.org"}),
    get("customer_merge.index", "/customers/duplicates", STAFF),
    post("customer_merge.dismiss", "/customers/duplicates/{pair}/dismiss", STAFF),
    post("customer_merge.look", "/customers/duplicates/look", STAFF),
    get("customer_merge.preview", "/customers/{customer}/merge/{ada_customer}", STAFF),
    post("customer_merge.merge", "/customers/{ada_customer}/merge/{customer}", STAFF),
    post("customer_merge.undo", "/customers/merges/{merge}/undo", STAFF),
    get("customer_merge.index", "/organisations/duplicates", STAFF),
    post("customer_merge.dismiss", "/organisations/duplicates/{pair}/dismiss", STAFF, sees=only()),
    post("customer_merge.dismiss", "/organisations/duplicates/{firm_pair}/dismiss", STAFF),
    get("customer_merge.preview", "/organisations/{org_a}/merge/{org_b}", STAFF),
    post("customer_merge.merge", "/organisations/{org_a}/merge/{org_b}", STAFF),
    post("customer_merge.undo", "/organisations/merges/{merge}/undo", STAFF, sees=only()),
    post("customer_merge.undo", "/organisations/merges/{firm_merge}/undo", STAFF),
    get("customer_tasks.index", "/tasks", STAFF),
    get("customer_plans.index", "/organisations/plans", STAFF),
    post("customer_plans.create", "/organisations/{org_a}/plans", STAFF, PLAN),
    get("customer_plans.edit", "/organisations/{org_a}/plans/{plan}/edit", STAFF),
    get("customer_plans.edit", "/organisations/{org_b}/plans/{plan}/edit", STAFF, only()),
    post("customer_plans.change", "/organisations/{org_a}/plans/{plan}", STAFF, PLAN),
    post("customer_plans.change", "/organisations/{org_b}/plans/{plan}", STAFF, PLAN, sees=only()),
    post("customer_plans.delete", "/organisations/{org_a}/plans/{plan}/delete", STAFF),
    post("customer_plans.add_step", "/organisations/{org_a}/plans/{plan}/steps", STAFF, {"title": "Visit"}),
    get("customer_plans.edit_step", "/organisations/{org_a}/plans/{plan}/steps/{step}/edit", STAFF),
    post(
        "customer_plans.save_step",
        "/organisations/{org_a}/plans/{plan}/steps/{step}/edit",
        STAFF,
        {"title": "Go there"},
    ),
    post("customer_plans.change_step", "/organisations/{org_a}/plans/{plan}/steps/{step}/done", STAFF),
]

FIELDS: list[Row] = [
    get("customer_fields.field_index", "/admin/fields/customer", ADMIN),
    post("customer_fields.add_field", "/admin/fields/customer", ADMIN, FIELD),
    get("customer_fields.one_field", "/admin/fields/customer/email", ADMIN),
    get("customer_fields.one_field", "/admin/fields/customer/x_canary", ADMIN),
    post("customer_fields.change_field", "/admin/fields/customer/x_canary", ADMIN, {"title": "Changed"}),
    post("customer_fields.change_field_rule", "/admin/fields/customer/email/rule", ADMIN, {"read": "some"}),
    post("customer_fields.field_state", "/admin/fields/customer/x_canary/archive", ADMIN),
]

CUSTOMERS = [*PAGES, *BESIDE, *FIELDS, *API]
