"""Settings and forms of the privacy pages."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.privacy.consents import DEFAULT, parse


def _purposes(text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        raise marshmallow.ValidationError(str(error)) from error


class SettingsSchema(marshmallow.Schema):
    """What consent is asked for."""

    purposes = fields.String(
        load_default=DEFAULT,
        validate=_purposes,
        metadata={
            "title": "Consents",
            "widget": "textarea",
            "help": "One a line: a short code, a colon, the words people agree to. Empty when nothing is asked.",
        },
    )


class ConsentSchema(marshmallow.Schema):
    """Giving or withdrawing one consent."""

    purpose = fields.String(required=True, validate=validate.Length(1, 40))
    given = fields.Boolean(load_default=False)
