"""What comes in through forms, the REST API and the settings page; unknown fields are refused everywhere."""

from __future__ import annotations

import re
from typing import Any

import marshmallow
from marshmallow import fields, validate

from ecrm_server.api import CursorSchema, Instant

from .services.editing import MAX_DESCRIPTION, MAX_TITLE

_CURRENCIES = re.compile(r"[A-Z]{3}( [A-Z]{3}){0,9}")


class SettingsSchema(marshmallow.Schema):
    """Settings of the segments."""

    analysis_date = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={
            "title": "Analysis date",
            "help": "Segments are of the end of this day (UTC), for data that ends in the past. Empty: of now.",
        },
    )
    currencies = fields.String(
        load_default="EUR",
        validate=validate.Regexp(_CURRENCIES, error="Give codes such as EUR GBP, separated by a blank."),
        metadata={
            "title": "Currencies",
            "help": "Amounts that customers spent in these currencies can be asked for in rules.",
        },
    )


class SegmentQuery(CursorSchema):
    """Which segments."""

    archived = fields.Boolean(load_default=False)


class SegmentSchema(marshmallow.Schema):
    """A segment. ``count``: members that one sees; for those who see only some customers at most 1,001."""

    uid = fields.String()
    title = fields.String()
    description = fields.String()
    url = fields.Function(lambda row: f"/segments/{row['uid']}")
    kind = fields.String(metadata={"description": "rule, or list for one kept by hand"})
    rule = fields.Method("visible_rule", allow_none=True)
    sentence = fields.String(
        metadata={"description": "The rule in words; empty where one may not read what it asks."}
    )
    version = fields.Integer()
    state = fields.String(metadata={"description": "new, building, ready or broken"})
    fault = fields.String()
    count = fields.Integer()
    built_at = Instant(allow_none=True)
    archived_at = Instant(allow_none=True)

    def visible_rule(self, row: dict[str, Any]) -> Any:
        """The tree, for those who may read what it asks."""
        return row["rule"] if row["sentence"] or row["fault"] else None


class SegmentPage(marshmallow.Schema):
    """A page of segments."""

    items = fields.List(fields.Nested(SegmentSchema))
    next = fields.String(allow_none=True)


class SegmentInput(marshmallow.Schema):
    """A new segment."""

    title = fields.String(required=True, validate=validate.Length(1, MAX_TITLE))
    description = fields.String(load_default="", validate=validate.Length(max=MAX_DESCRIPTION))
    rule = fields.Dict(
        load_default=None, allow_none=True, metadata={"description": "None for a list kept by hand."}
    )


class SegmentChange(SegmentInput):
    """A changed segment; ``version`` is the one that was read."""

    version = fields.Integer(required=True)


class MemberSchema(marshmallow.Schema):
    """A customer in a segment."""

    uid = fields.String()
    name = fields.String()
    stage = fields.String()
    since = Instant()


class MemberPage(marshmallow.Schema):
    """A page of members."""

    items = fields.List(fields.Nested(MemberSchema))
    next = fields.String(allow_none=True)


class MemberInput(marshmallow.Schema):
    """Customers by their public ids."""

    customers = fields.List(
        fields.String(validate=validate.Length(1, 40)), required=True, validate=validate.Length(1, 1_000)
    )


class DoneSchema(marshmallow.Schema):
    """How many were put in or taken out, and how many were so before."""

    changed = fields.Integer()
    unchanged = fields.Integer()


class ExplanationSchema(marshmallow.Schema):
    """A part of a rule: what was asked, what was found, and the answer."""

    sentence = fields.String()
    value = fields.String()
    passed = fields.Boolean()
    parts = fields.List(fields.Nested("ExplanationSchema"))


class NamedSchema(marshmallow.Schema):
    """A customer by id and name."""

    uid = fields.String()
    name = fields.String()


class WhySchema(marshmallow.Schema):
    """Why a customer is in a segment, or not."""

    customer = fields.Nested(NamedSchema)
    inside = fields.Boolean()
    since = Instant(allow_none=True)
    explanation = fields.Nested(ExplanationSchema, allow_none=True)
