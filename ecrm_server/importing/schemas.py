"""Settings of imports."""

from __future__ import annotations

import zoneinfo

import marshmallow
from marshmallow import fields, validate


def _known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise marshmallow.ValidationError("Name a time zone such as Europe/Berlin.")


class SettingsSchema(marshmallow.Schema):
    """How large files may be, and what their times mean."""

    max_megabytes = fields.Integer(
        load_default=100,
        validate=validate.Range(1, 2_000),
        metadata={
            "title": "Largest file to upload, in MB",
            "help": "Larger files are imported with the command ecrm import.",
        },
    )
    zone = fields.String(
        load_default="UTC",
        validate=[validate.Length(max=60), _known_zone],
        metadata={"title": "Time zone of files", "help": "Of times that name none; each import can choose another."},
    )
