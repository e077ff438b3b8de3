"""Forms of customers and organisations."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.customers.custom import KINDS
from ecrm_server.customers.models import ROLES

ROLE_NAMES = ("Member", "Admin")


class FieldChangeSchema(marshmallow.Schema):
    """What can change about a custom field."""

    title = fields.String(required=True, validate=validate.Length(1, 80), metadata={"title": "Title"})
    hint = fields.String(load_default="", validate=validate.Length(max=300), metadata={"title": "Help"})
    choices = fields.String(
        load_default="", validate=validate.Length(max=20_000), metadata={"title": "Choices"}
    )
    required = fields.Boolean(load_default=False, metadata={"title": "Needed in forms"})
    position = fields.Integer(load_default=0, validate=validate.Range(0, 1000), metadata={"title": "Place"})


class FieldSchema(FieldChangeSchema):
    """A new custom field."""

    class Meta:
        exclude = ("position",)

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"title": "Kind"})
    code = fields.String(load_default="", validate=validate.Length(max=25), metadata={"title": "Code"})
    currency = fields.String(
        load_default="EUR", validate=validate.Length(max=3), metadata={"title": "Currency"}
    )


class MembershipSchema(marshmallow.Schema):
    """Which organisation a customer joins."""

    organisation = fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"title": "Organisation"}
    )
    role = fields.String(
        load_default="member", validate=validate.OneOf(ROLES, labels=ROLE_NAMES), metadata={"title": "Role"}
    )
