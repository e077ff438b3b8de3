"""Forms of customers and organisations."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.customers.activities import KINDS as ACTIVITIES
from ecrm_server.customers.custom import KINDS
from ecrm_server.customers.models import ROLES
from ecrm_server.rest import Instant

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


class ActivitySchema(marshmallow.Schema):
    """Something to log. Times are ISO 8601 in UTC."""

    kind = fields.String(required=True, validate=validate.OneOf(list(ACTIVITIES)), metadata={"title": "Kind"})
    subject = fields.String(load_default="", validate=validate.Length(max=200), metadata={"title": "Subject"})
    text = fields.String(load_default="", validate=validate.Length(max=20_000), metadata={"title": "Text"})
    at = Instant(load_default=None, allow_none=True, metadata={"title": "When"})
    minutes = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(0, 10_000), metadata={"title": "Minutes"}
    )
    due_at = Instant(load_default=None, allow_none=True, metadata={"title": "Due"})
    assignee = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"title": "Who does it"}
    )
    pinned = fields.Boolean(load_default=False, metadata={"title": "Pin it"})
    answers = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"title": "Answers", "description": "Public id of the received mail that a mail answers."},
    )


class ActivityChangeSchema(ActivitySchema):
    """What something that was logged is to be; ``version`` is the one that was seen."""

    class Meta:
        exclude = ("kind", "pinned", "answers")

    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class AnswerSchema(marshmallow.Schema):
    """An answer to a mail that came in."""

    subject = fields.String(load_default="", validate=validate.Length(max=200), metadata={"title": "Subject"})
    text = fields.String(load_default="", validate=validate.Length(max=20_000), metadata={"title": "Text"})


class ContactSchema(marshmallow.Schema):
    """A further e-mail address or phone."""

    kind = fields.String(
        required=True, validate=validate.OneOf(("email", "phone")), metadata={"title": "Kind"}
    )
    value = fields.String(
        required=True, validate=validate.Length(1, 254), metadata={"title": "Address or number"}
    )
    label = fields.String(load_default="", validate=validate.Length(max=40), metadata={"title": "Label"})


class ContactChangeSchema(ContactSchema):
    """What a further e-mail address or phone is to be; ``version`` is the one that was seen."""

    class Meta:
        exclude = ("kind",)

    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class AddressSchema(marshmallow.Schema):
    """A postal address."""

    label = fields.String(load_default="", validate=validate.Length(max=40), metadata={"title": "Label"})
    street = fields.String(load_default="", validate=validate.Length(max=300), metadata={"title": "Street"})
    postcode = fields.String(
        load_default="", validate=validate.Length(max=20), metadata={"title": "Postcode"}
    )
    city = fields.String(load_default="", validate=validate.Length(max=120), metadata={"title": "City"})
    region = fields.String(load_default="", validate=validate.Length(max=120), metadata={"title": "Region"})
    country = fields.String(load_default="", validate=validate.Length(max=2), metadata={"title": "Country"})


class AddressChangeSchema(AddressSchema):
    """What a postal address is to be; ``version`` is the one that was seen."""

    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class PlanSchema(marshmallow.Schema):
    """An account plan."""

    title = fields.String(required=True, validate=validate.Length(1, 160), metadata={"title": "Title"})
    goal = fields.String(load_default="", validate=validate.Length(max=5000), metadata={"title": "Goal"})
    owner = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"title": "Looked after by"}
    )
    review_on = fields.String(load_default="", validate=validate.Length(max=10), metadata={"title": "Review"})
    state = fields.String(load_default="open", validate=validate.Length(max=10), metadata={"title": "State"})


class PlanChangeSchema(PlanSchema):
    """What an account plan is to be; ``version`` is the one that was seen."""

    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class StepSchema(marshmallow.Schema):
    """A step of a plan."""

    title = fields.String(required=True, validate=validate.Length(1, 160), metadata={"title": "Step"})
    owner = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"title": "Who does it"}
    )
    due_on = fields.String(load_default="", validate=validate.Length(max=10), metadata={"title": "Due"})


class StepChangeSchema(StepSchema):
    """What a step is to be; ``version`` is the one that was seen."""

    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class RoleSchema(marshmallow.Schema):
    """The role in an organisation."""

    role = fields.String(
        load_default="member", validate=validate.OneOf(ROLES, labels=ROLE_NAMES), metadata={"title": "Role"}
    )


class MembershipSchema(RoleSchema):
    """Who joins: the public id of the other side."""

    other = fields.String(required=True, validate=validate.Length(1, 40), metadata={"title": "Name"})
