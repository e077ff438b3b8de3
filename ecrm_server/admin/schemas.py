"""Settings of the administration."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate


class SettingsSchema(marshmallow.Schema):
    """Access to figures from other machines."""

    metrics_token = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "title": "Token for /metrics",
            "help": "Prometheus elsewhere sends it as Authorization: Bearer. Empty: only this machine may ask.",
        },
    )
