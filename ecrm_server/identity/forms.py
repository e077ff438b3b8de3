"""The forms of Flask-Security that differ from its own."""

from __future__ import annotations

from typing import Any

from flask_security import LoginForm, RegisterFormV2, TwoFactorRescueForm, TwoFactorSetupForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from ecrm_server.errors import Refusal
from ecrm_server.identity import profiles


class SignInForm(LoginForm):
    """Whoever gave the right password learns why it did not do; nobody else learns anything."""

    def validate(self, **options: Any) -> bool:
        valid = super().validate(**options)
        if not valid and self.user_authenticated:
            self.form_errors.extend(self.email.errors)
            self.email.errors = []
        return valid


class RegisterForm(RegisterFormV2):
    """A name to be shown, the terms, and the time zone that the browser fills in."""

    name = StringField(
        "Name",
        validators=[InputRequired("A name is needed."), Length(max=profiles.MAX_NAME)],
        render_kw={"autocomplete": "nickname"},
    )
    timezone = StringField("Time zone")
    terms = BooleanField("Terms", validators=[DataRequired("Please read and accept the terms.")])

    def validate_name(self, field: StringField) -> None:
        """Names follow the same rule everywhere."""
        try:
            field.data = profiles.checked_name(field.data or "")
        except Refusal as error:
            raise ValidationError(error.message) from error


class CodesSetupForm(TwoFactorSetupForm):
    """Which of the buttons was pressed; there is one method, so there is nothing to choose from."""

    setup = StringField()


class NoRescueForm(TwoFactorRescueForm):
    """Whoever lost the phone uses a recovery code; nothing else is offered."""

    help_setup = RadioField(choices=[])
