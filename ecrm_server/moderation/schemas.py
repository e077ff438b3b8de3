"""Settings of the moderation, and its forms."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

from ecrm_server.moderation.reasons import DEFAULT, parse


def _reasons(text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        raise marshmallow.ValidationError(str(error)) from error


class SettingsSchema(marshmallow.Schema):
    """What is held back, when flags count, how long one may appeal."""

    first_posts = fields.Integer(
        load_default=1,
        validate=validate.Range(0, 20),
        metadata={
            "title": "First posts to review",
            "help": "So many posts of a newcomer are let through by a moderator before the rest appear at once.",
        },
    )
    newcomer_links = fields.Integer(
        load_default=2,
        validate=validate.Range(0, 50),
        metadata={"title": "Links a newcomer may post", "help": "A post with more waits for a moderator."},
    )
    flags_to_queue = fields.Integer(
        load_default=1,
        validate=validate.Range(1, 20),
        metadata={
            "title": "Flags before review",
            "help": "So many people must flag something before it is queued.",
        },
    )
    flags_per_hour = fields.Integer(
        load_default=20,
        validate=validate.Range(1, 1000),
        metadata={"title": "Flags a person may raise in an hour"},
    )
    appeal_days = fields.Integer(
        load_default=183,
        validate=validate.Range(1, 3650),
        metadata={
            "title": "Days to appeal",
            "help": "The law of the European Union asks for six months at least.",
        },
    )
    reasons = fields.String(
        load_default=DEFAULT,
        validate=_reasons,
        metadata={
            "title": "Reasons",
            "widget": "textarea",
            "help": "One a line: a short code, a colon, the rule in words that its author will read.",
        },
    )


class FlagSchema(marshmallow.Schema):
    """What somebody says when flagging."""

    reason = fields.String(required=True, validate=validate.Length(1, 40))
    text = fields.String(load_default="", validate=validate.Length(max=2000))


class DecisionSchema(marshmallow.Schema):
    """A moderator's decision about a queued object."""

    decision = fields.String(required=True, validate=validate.OneOf(("approve", "hide")))
    reason = fields.String(load_default="", validate=validate.Length(max=40))
    statement = fields.String(load_default="", validate=validate.Length(max=4000))


class AppealSchema(marshmallow.Schema):
    """An author's appeal."""

    text = fields.String(required=True, validate=validate.Length(1, 4000))


class AppealAnswerSchema(marshmallow.Schema):
    """A moderator's answer to an appeal."""

    decision = fields.String(required=True, validate=validate.OneOf(("uphold", "overturn")))
    answer = fields.String(required=True, validate=validate.Length(1, 4000))


class SanctionSchema(marshmallow.Schema):
    """Suspending or silencing a person, or lifting that."""

    measure = fields.String(required=True, validate=validate.OneOf(("suspend", "silence", "lift")))
    days = fields.Integer(load_default=7, validate=validate.Range(1, 36500))
    reason = fields.String(load_default="", validate=validate.Length(max=40))
    statement = fields.String(load_default="", validate=validate.Length(max=4000))
