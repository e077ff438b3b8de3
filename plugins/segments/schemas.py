"""What comes in through forms, the REST API and the settings page; unknown fields are refused everywhere."""

from __future__ import annotations

import re

import marshmallow
from marshmallow import fields, validate

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
