"""Settings and forms of accounts."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate

TERMS = (
    "Be kind, keep to the topic, and write only what you may publish. What you post stays yours; you allow this site to"
    " show it. Accounts that break these rules can be suspended."
)
PRIVACY = (
    "We store what you enter: your name, your e-mail address and what you write. Your e-mail address is shown to"
    " nobody. A cookie keeps you signed in, another remembers that you signed in from this browser; no others"
    " follow you. In your account you can download everything that is stored about you, and delete it."
)


class SettingsSchema(marshmallow.Schema):
    """Who may join, how long a sign-in lasts, and what people agree to."""

    registration = fields.String(
        load_default="open",
        validate=validate.OneOf(["open", "invite", "closed"]),
        metadata={
            "title": "Who may make an account",
            "help": "open: everybody with an e-mail address. invite: whoever was invited. closed: nobody.",
        },
    )
    idle_days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 365),
        metadata={
            "title": "Signed out after days without a visit",
            "help": "For browsers that are remembered. Others are signed out after a day.",
        },
    )
    absolute_days = fields.Integer(
        load_default=90,
        validate=validate.Range(1, 730),
        metadata={"title": "Signed out at the latest after days", "help": "Then everybody signs in again."},
    )
    terms = fields.String(
        load_default=TERMS,
        validate=validate.Length(1, 50_000),
        metadata={"title": "Terms", "help": "Shown at /terms, in Markdown.", "widget": "textarea"},
    )
    privacy = fields.String(
        load_default=PRIVACY,
        validate=validate.Length(1, 50_000),
        metadata={"title": "Privacy notice", "help": "Shown at /privacy, in Markdown.", "widget": "textarea"},
    )


class ProfileForm(marshmallow.Schema):
    """Name and handle."""

    name = fields.String(
        required=True,
        validate=validate.Length(1, 80),
        metadata={"title": "Name", "help": "Shown beside what you write."},
    )
    handle = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={
            "title": "Handle",
            "help": "In the address of your page and after an @ when others mention you.",
        },
    )


class PreferencesForm(marshmallow.Schema):
    """How somebody wants to see the site; empty means the browser's choice."""

    locale = fields.String(load_default="", validate=validate.Length(max=20))
    timezone = fields.String(load_default="", validate=validate.Length(max=60))
    theme = fields.String(load_default="", validate=validate.OneOf(["", "light", "dark"]))
    density = fields.String(load_default="", validate=validate.OneOf(["", "compact"]))


class ApiKeyForm(marshmallow.Schema):
    """A new API key."""

    name = fields.String(required=True, validate=validate.Length(1, 80))
    scopes = fields.List(fields.String(), load_default=list)
    days = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 730))


class NewAccountForm(marshmallow.Schema):
    """What a claim link or an invitation asks for (an invitation knows the address)."""

    name = fields.String(required=True, validate=validate.Length(1, 80))
    email = fields.String(load_default="", validate=validate.Length(max=254))
    password = fields.String(required=True, validate=validate.Length(max=200))
    timezone = fields.String(load_default="", validate=validate.Length(max=60))


class InvitedForm(NewAccountForm):
    """The same with what other parts ask in the slot ``account.new``; they read it themselves."""

    consent = fields.List(fields.String(validate=validate.Length(max=100)), load_default=list)


class InvitationForm(marshmallow.Schema):
    """An address and the roles its account gets."""

    email = fields.String(required=True, validate=validate.Length(1, 254))
    roles = fields.List(fields.String(), load_default=list)


class RolesForm(marshmallow.Schema):
    """The roles of an account."""

    roles = fields.List(fields.String(), load_default=list)


class SuspendForm(marshmallow.Schema):
    """How long an account is suspended, and why."""

    days = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 3650))
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class RoleForm(marshmallow.Schema):
    """A new role."""

    name = fields.String(required=True, validate=validate.Length(2, 40))
    title = fields.String(required=True, validate=validate.Length(1, 120))
    description = fields.String(load_default="", validate=validate.Length(max=500))


class GroupForm(marshmallow.Schema):
    """A group's name and roles."""

    name = fields.String(required=True, validate=validate.Length(1, 80))
    description = fields.String(load_default="", validate=validate.Length(max=500))
    roles = fields.List(fields.String(), load_default=list)
