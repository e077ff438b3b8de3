"""Forms of customers and organisations."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.customers.models import ROLES

ROLE_NAMES = ("Member", "Admin")


class MembershipSchema(marshmallow.Schema):
    """Which organisation a customer joins."""

    organisation = fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"title": "Organisation"}
    )
    role = fields.String(
        load_default="member", validate=validate.OneOf(ROLES, labels=ROLE_NAMES), metadata={"title": "Role"}
    )
