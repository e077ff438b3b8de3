"""Settings of the site's face."""

from __future__ import annotations

import marshmallow
from marshmallow import fields, validate


class SettingsSchema(marshmallow.Schema):
    """Name, logo and colours."""

    site_name = fields.String(
        load_default="eCRM Server",
        validate=validate.Length(1, 60),
        metadata={
            "title": "Name of the site",
            "help": "Shown in the top bar, in mails and in the browser's tab.",
        },
    )
    tagline = fields.String(
        load_default="",
        validate=validate.Length(max=160),
        metadata={"title": "One line about the site", "help": "Shown on the home page."},
    )
    logo_url = fields.String(
        load_default="",
        validate=validate.Regexp(r"(/files/[\w./-]+)?$", error="Choose a picture that was uploaded here."),
        metadata={"title": "Logo", "help": "A wide picture, at least 64 pixels high.", "widget": "image"},
    )
    accent = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"(#[0-9a-fA-F]{6})?$", error="Write a colour as # and six hexadecimal digits."
        ),
        metadata={
            "title": "Colour",
            "help": "Buttons and links take it, adjusted so that text stays legible. Empty for the theme's own.",
            "widget": "colour",
        },
    )
    theme = fields.String(
        load_default="",
        validate=validate.Regexp(r"[a-z0-9_]*$", error="Choose one of the installed themes."),
        metadata={
            "title": "Theme",
            "help": "A theme brings its own colours and may replace templates.",
            "widget": "theme",
        },
    )
