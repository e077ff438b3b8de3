"""Settings, forms and answers of the API."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.consent import purposes
from ecrm_server.rest import Instant


def _purposes(text: str) -> None:
    try:
        purposes.parse(text)
    except ValueError as error:
        raise marshmallow.ValidationError(str(error)) from error


class SettingsSchema(marshmallow.Schema):
    """What consent is asked for."""

    purposes = fields.String(
        load_default=purposes.DEFAULT,
        validate=_purposes,
        metadata={
            "title": "Consents",
            "widget": "textarea",
            "help": (
                "One a line: a short code, a colon, the words people agree to. When the words mean something else"
                " than before, raise the version (news@2: other words): everybody is asked again. Empty when nothing"
                " is asked."
            ),
        },
    )
    ask_visitors = fields.Boolean(
        load_default=False,
        metadata={
            "title": "Ask visitors",
            "help": (
                "Asks in a notice whether the visit may be recorded. Of who says yes the site keeps the source, the"
                " pages and what was searched for, and connects it with the account they make. Say so in your privacy"
                " notice. Off, nobody is asked and nothing is recorded."
            ),
        },
    )
    visit_pages = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 500),
        metadata={"title": "Pages kept of one visit", "help": "Of longer visits the first ones are kept."},
    )


class ConsentForm(marshmallow.Schema):
    """Giving or withdrawing one consent."""

    purpose = fields.String(required=True, validate=validate.Length(1, 80))
    given = fields.Boolean(load_default=False)


_TEXT = validate.Length(max=2000)


class CampaignSchema(marshmallow.Schema):
    """Where a visit comes from. Only these parameters of an address are read, and of the referrer its host and term."""

    referrer = fields.String(load_default="", validate=_TEXT)
    utm_source = fields.String(load_default="", validate=_TEXT)
    utm_medium = fields.String(load_default="", validate=_TEXT)
    utm_campaign = fields.String(load_default="", validate=_TEXT)
    utm_term = fields.String(load_default="", validate=_TEXT)
    utm_content = fields.String(load_default="", validate=_TEXT)


class AnswerForm(CampaignSchema):
    """A visitor's answer in the notice. ``back``: the page it was given on."""

    purpose = fields.String(required=True, validate=validate.Length(1, 80))
    answer = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    back = fields.String(load_default="", validate=_TEXT)


class PageForm(CampaignSchema):
    """A page that somebody looks at who agreed to have it recorded."""

    path = fields.String(required=True, validate=validate.Length(1, 2000))


class QuestionForm(marshmallow.Schema):
    """An answer to a question about oneself, or "not now"."""

    question = fields.String(required=True, validate=validate.Length(1, 80))
    answer = fields.String(load_default="", validate=validate.Length(max=500))
    later = fields.Boolean(load_default=False)


class StandingSchema(marshmallow.Schema):
    """A purpose and how somebody stands to it."""

    purpose = fields.String(required=True)
    title = fields.String(required=True)
    about = fields.String(required=True)
    wording = fields.String(required=True)
    version = fields.Integer(required=True)
    basis = fields.String(required=True)
    allowed = fields.Boolean(required=True)
    since = Instant(required=True, allow_none=True)


class DecisionSchema(marshmallow.Schema):
    """What somebody decided once."""

    uid = fields.String(required=True)
    purpose = fields.String(required=True)
    decision = fields.String(required=True)
    basis = fields.String(required=True)
    source = fields.String(required=True)
    place = fields.String(required=True)
    version = fields.Integer(required=True)
    wording = fields.String(required=True)
    digest = fields.String(required=True)
    at = Instant(required=True)


class ConsentsSchema(marshmallow.Schema):
    """How somebody stands to every purpose, and what they decided so far, newest first."""

    consents = fields.List(fields.Nested(StandingSchema), required=True)
    history = fields.List(fields.Nested(DecisionSchema), required=True)


class ChoiceInput(marshmallow.Schema):
    """Giving (true) or withdrawing (false) a consent."""

    given = fields.Boolean(required=True)
