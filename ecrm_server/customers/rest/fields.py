"""The fields of customers and organisations: what there is to know of one, and making more of it."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import fields as services
from ecrm_server.customers import visibility
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import Fact, Subject
from ecrm_server.customers.rest.blueprint import api
from ecrm_server.customers.schemas import FieldChangeSchema, FieldSchema
from ecrm_server.customers.visibility import READ_OWN

SUBJECT = "/fields/<any(customer, organisation):subject>"


class FieldOutput(marshmallow.Schema):
    """A field that one may read."""

    name = fields.String(metadata={"example": "x_size"})
    title = fields.String(metadata={"example": "Size"})
    kind = fields.String(metadata={"description": "As rules know it.", "example": "integer"})
    custom = fields.Boolean()
    required = fields.Boolean()
    editable = fields.Boolean(metadata={"description": "Whether one may change it."})
    help = fields.String()
    choices = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"example": {"gold": "Gold"}}
    )
    currency = fields.String()


class Fields(marshmallow.Schema):
    """The fields in the order of forms."""

    items = fields.List(fields.Nested(FieldOutput))


class FieldName(marshmallow.Schema):
    """The name of a field, for ever."""

    name = fields.String(metadata={"example": "x_size"})


class RuleInput(marshmallow.Schema):
    """The roles that read and change a field; null stands for everybody who may with the customer."""

    read_roles = fields.List(fields.String(validate=validate.Length(max=60)), required=True, allow_none=True)
    edit_roles = fields.List(fields.String(validate=validate.Length(max=60)), required=True, allow_none=True)


def _told(fact: Fact, fixed: frozenset[str]) -> dict[str, Any]:
    own = {
        name: getattr(fact, name)
        for name in ("name", "title", "kind", "custom", "required", "help", "currency")
    }
    choices = dict(fact.choices) if fact.custom or fact.widget == "select" else {}
    return own | {"choices": choices, "editable": fact.name not in fixed}


def _subject(name: str) -> Subject:
    return services.subject_of(name)


@api.route(SUBJECT, methods=["GET"])
@api.response(200, Fields)
@needs(READ_OWN)
def list_fields(subject: str) -> dict[str, Any]:
    """The fields, those that an admin made last."""
    of = _subject(subject)
    hidden, fixed = visibility.hidden(g.actor, of), visibility.fixed(g.actor, of)
    return {"items": [_told(fact, fixed) for fact in all_facts(subject).values() if fact.name not in hidden]}


@api.route(SUBJECT, methods=["POST"])
@api.arguments(FieldSchema)
@api.response(201, FieldName)
@needs(services.MANAGE)
def make_field(values: dict[str, Any], subject: str) -> dict[str, Any]:
    """Make a field; it is there a moment later."""
    return {"name": services.add(g.actor, _subject(subject), services.Wanted(**values))}


@api.route(f"{SUBJECT}/<name>", methods=["PUT"])
@api.arguments(FieldChangeSchema)
@api.response(204)
@needs(services.MANAGE)
def change_field(values: dict[str, Any], subject: str, name: str) -> None:
    """Change what a field is called, its help, its choices and its place. Its kind stays."""
    services.change(g.actor, _subject(subject), name, services.Wanted(**values))


@api.route(f"{SUBJECT}/<name>/rule", methods=["PUT"])
@api.arguments(RuleInput)
@api.response(204)
@needs(services.MANAGE)
def set_field_rule(values: dict[str, Any], subject: str, name: str) -> None:
    """Decide which roles read and change a field."""
    services.set_rule(g.actor, _subject(subject), name, values["read_roles"], values["edit_roles"])


@api.route(f"{SUBJECT}/<name>/<any(archive, restore):verb>", methods=["POST"])
@api.response(204)
@needs(services.MANAGE)
def archive_field(subject: str, name: str, verb: str) -> None:
    """Take a field away from everybody, or bring it back; its values stay."""
    services.archive(g.actor, _subject(subject), name, verb == "archive")
