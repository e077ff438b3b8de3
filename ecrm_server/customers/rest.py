"""Customers and organisations for programs, below ``/api/v1/customers``."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import activities, forms, merging, organisations, reading, services
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, OWN, Subject
from ecrm_server.customers.schemas import ActivitySchema
from ecrm_server.errors import Refusal
from ecrm_server.rest import Instant, RestBlueprint, decode, page

api = RestBlueprint("customers", __name__, description="Customers and organisations")


class _Query(marshmallow.Schema):
    """Query parameters of the lists."""

    cursor = fields.String(
        load_default="", metadata={"description": "From the `next` link of the page before."}
    )
    q = fields.String(
        load_default="", validate=validate.Length(max=200), metadata={"description": "Part of a name."}
    )


def _facts_schema(subject: Subject, title: str, *, output: bool) -> type[marshmallow.Schema]:
    """The facts that every site has; custom ones stand together in ``custom``."""
    found: dict[str, Any] = {}
    for fact in OWN[subject.name]:
        found[fact.name] = (
            fields.List(fields.String()) if fact.kind == "set" else fields.String(allow_none=True)
        )
    found["custom"] = fields.Dict(
        keys=fields.String(), metadata={"description": "Custom fields by name, `x_<code>`."}
    )
    if output:
        found |= {"uid": fields.String(), "created_at": Instant(), "updated_at": Instant()}
        found |= {"account": fields.Boolean()} if subject is CUSTOMER else {}
    found["version"] = fields.Integer(
        metadata={
            "description": "Rises with each change. Send the one you read, and nobody's change is lost."
        }
    )
    return type(title, (marshmallow.Schema,), found)


CustomerOutput = _facts_schema(CUSTOMER, "Customer", output=True)
CustomerInput = _facts_schema(CUSTOMER, "CustomerInput", output=False)
OrganisationOutput = _facts_schema(ORGANISATION, "Organisation", output=True)
OrganisationInput = _facts_schema(ORGANISATION, "OrganisationInput", output=False)


class CustomerPage(marshmallow.Schema):
    """A page of customers."""

    items = fields.List(fields.Nested(CustomerOutput))
    next = fields.String(allow_none=True)


class OrganisationPage(marshmallow.Schema):
    """A page of organisations."""

    items = fields.List(fields.Nested(OrganisationOutput))
    next = fields.String(allow_none=True)


class Made(marshmallow.Schema):
    """The public id of what was made."""

    uid = fields.String()


class MergeInput(marshmallow.Schema):
    """Which customer is merged into the one of the address."""

    merged = fields.String(required=True, validate=validate.Length(1, 40))
    take = fields.List(fields.String(), load_default=list)


def _told(subject: Subject, row: dict[str, Any]) -> dict[str, Any]:
    values = forms.values_of(subject, row)
    custom = {name: values.pop(name) for name in list(values) if name.startswith("x_")}
    more = {name: row[name] for name in ("uid", "version", "created_at", "updated_at")}
    if subject is CUSTOMER:
        more["account"] = row["account_id"] is not None
    return values | more | {"custom": custom}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The facts of a body, with the custom ones beside the others."""
    custom = values.pop("custom", {})
    if not all(name.startswith("x_") for name in custom):
        raise Refusal("The name of a custom field begins with x_.", field="custom")
    return values | custom


def _page(subject: Subject, query: dict[str, Any]) -> dict[str, Any]:
    position = decode(query["cursor"], 1)
    rows, cursor = services.page(g.actor, subject, q=query["q"], after=str(position[0]) if position else "")
    return page([_told(subject, row) for row in rows], [cursor] if cursor else None)


@api.route("/customers", methods=["GET"])
@api.arguments(_Query, location="query")
@api.response(200, CustomerPage)
@needs("customers.read_own")
def list_customers(query: dict[str, Any]) -> dict[str, Any]:
    """The customers one sees, by name."""
    return _page(CUSTOMER, query)


@api.route("/customers", methods=["POST"])
@api.arguments(CustomerInput)
@api.response(201, CustomerOutput)
@needs("customers.edit")
def make_customer(values: dict[str, Any]) -> dict[str, Any]:
    """Make a customer."""
    given = _given(values)
    given.pop("version", None)
    uid = services.create(g.actor, given.pop("name", None) or "", **given)
    return _told(CUSTOMER, reading.customer(g.actor, uid))


@api.route("/customers/<uid>", methods=["GET"])
@api.response(200, CustomerOutput)
@needs("customers.read_own")
def one_customer(uid: str) -> dict[str, Any]:
    """A customer; of a merged one, the customer it was merged into."""
    return _told(CUSTOMER, services.get(g.actor, uid))


@api.route("/customers/<uid>", methods=["PATCH"])
@api.arguments(CustomerInput)
@api.response(200, CustomerOutput)
@needs("customers.edit")
def change_customer(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Change the facts that are given."""
    services.change(g.actor, uid, **_given(values))
    return _told(CUSTOMER, services.get(g.actor, uid))


@api.route("/customers/<uid>/activities", methods=["POST"])
@api.arguments(ActivitySchema)
@api.response(201, Made)
@needs("customers.edit")
def log(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Log a note, call, meeting or task; send a mail."""
    return {"uid": activities.log(g.actor, CUSTOMER, uid, activities.Wanted(**values))}


@api.route("/customers/<uid>/merge", methods=["POST"])
@api.arguments(MergeInput)
@api.response(201, Made)
@needs(merging.MERGE)
def merge(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Merge another customer into this one. Gives the id by which it can be undone."""
    return {"uid": merging.merge(g.actor, CUSTOMER, uid, values["merged"], values["take"])}


@api.route("/organisations", methods=["GET"])
@api.arguments(_Query, location="query")
@api.response(200, OrganisationPage)
@needs("customers.read_own")
def list_organisations(query: dict[str, Any]) -> dict[str, Any]:
    """The organisations one sees, by name."""
    return _page(ORGANISATION, query)


@api.route("/organisations", methods=["POST"])
@api.arguments(OrganisationInput)
@api.response(201, OrganisationOutput)
@needs("customers.edit")
def make_organisation(values: dict[str, Any]) -> dict[str, Any]:
    """Make an organisation."""
    given = _given(values)
    given.pop("version", None)
    uid = organisations.create(g.actor, given.pop("name", None) or "", **given)
    return _told(ORGANISATION, reading.organisation(g.actor, uid))


@api.route("/organisations/<uid>", methods=["GET"])
@api.response(200, OrganisationOutput)
@needs("customers.read_own")
def one_organisation(uid: str) -> dict[str, Any]:
    """An organisation."""
    return _told(ORGANISATION, reading.organisation(g.actor, uid))


@api.route("/organisations/<uid>", methods=["PATCH"])
@api.arguments(OrganisationInput)
@api.response(200, OrganisationOutput)
@needs("customers.edit")
def change_organisation(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Change the facts that are given."""
    organisations.change(g.actor, uid, **_given(values))
    return _told(ORGANISATION, reading.organisation(g.actor, uid))
