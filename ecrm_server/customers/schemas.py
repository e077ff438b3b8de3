"""Forms of customers and organisations."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.customers.models import KINDS, ROLES, STAGES

STAGE_NAMES = ("Lead", "Prospect", "Active", "Former")
KIND_NAMES = ("Customer", "Partner")
ROLE_NAMES = ("Member", "Admin")


class CustomerSchema(marshmallow.Schema):
    """The facts about a customer."""

    name = fields.String(required=True, validate=validate.Length(1, 160), metadata={"title": "Name"})
    email = fields.String(
        load_default="", validate=validate.Length(max=254), metadata={"title": "E-mail", "widget": "email"}
    )
    stage = fields.String(
        load_default="lead", validate=validate.OneOf(STAGES, labels=STAGE_NAMES), metadata={"title": "Stage"}
    )
    owner = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"title": "Looked after by"}
    )


class OrganisationSchema(marshmallow.Schema):
    """The facts about an organisation."""

    name = fields.String(required=True, validate=validate.Length(1, 160), metadata={"title": "Name"})
    kind = fields.String(
        load_default="customer", validate=validate.OneOf(KINDS, labels=KIND_NAMES), metadata={"title": "Kind"}
    )


class MembershipSchema(marshmallow.Schema):
    """Which organisation a customer joins."""

    organisation = fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"title": "Organisation"}
    )
    role = fields.String(
        load_default="member", validate=validate.OneOf(ROLES, labels=ROLE_NAMES), metadata={"title": "Role"}
    )
