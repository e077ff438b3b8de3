"""How Flask-Security is configured: features, paths and words."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ecrm_server.identity.keys import derived

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask


def values(app: EcrmFlask) -> dict[str, Any]:
    """Flask-Security's configuration for one generation."""
    settings, config = app.generation.settings, app.generation.config
    codes_key = urlsafe_b64encode(derived(config.secret_key, "recovery codes"))
    features = dict.fromkeys(
        (
            "CONFIRMABLE",
            "RECOVERABLE",
            "CHANGEABLE",
            "CHANGE_EMAIL",
            "TWO_FACTOR",
            "MULTI_FACTOR_RECOVERY_CODES",
        ),
        True,
    )
    chosen: dict[str, Any] = {
        **features,
        "REGISTERABLE": settings["identity.registration"] == "open",
        "API_ENABLED_METHODS": ["session"],
        "CACHE_CONTROL": None,
        "CLI_ROLES_NAME": None,
        "CLI_USERS_NAME": None,
        "EMAIL_HTML": False,
        "FRESHNESS": timedelta(minutes=30),
        "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [codes_key],
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "PASSWORD_CONFIRM_REQUIRED": False,
        "PASSWORD_SINGLE_HASH": {"argon2"},
        "RESET_PASSWORD_WITHIN": timedelta(hours=4),
        "RETURN_GENERIC_RESPONSES": True,
        # A notice of the account's security tells of it, in the bell and by mail.
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "STATIC_FOLDER": None,
        # A colon ends the issuer in the address that one-time code apps read; the library refuses to start with one.
        "TOTP_ISSUER": (settings.get("web.site_name") or "eCRM Server").replace(":", " "),
        "TOTP_SECRETS": {"1": derived(config.secret_key, "one-time codes").hex()},
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        **_PATHS,
        **_SUBJECTS,
        **{
            f"MSG_{name}": message
            for name, message in (_MESSAGES if config.smtp_url else _MESSAGES | _WITHOUT_MAIL).items()
        },
    }
    return {f"SECURITY_{name}": value for name, value in chosen.items()}


_PATHS = {
    "CHANGE_URL": "/me/password",
    "CHANGE_EMAIL_URL": "/me/email",
    "TWO_FACTOR_SETUP_URL": "/me/two-factor",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/me/recovery-codes",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
    "TWO_FACTOR_RESCUE_URL": "/login/help",
    "TWO_FACTOR_SELECT_URL": "/login/method",
    "MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
    "POST_CHANGE_VIEW": "/me/security",
    "POST_CHANGE_EMAIL_VIEW": "/me/security",
    "POST_VERIFY_VIEW": "/me/security",
    "POST_REGISTER_VIEW": "/login",
    "TWO_FACTOR_POST_SETUP_VIEW": "/me/security",
}
_SUBJECTS = {
    "CHANGE_EMAIL_SUBJECT": "Confirm your new e-mail address",
    "EMAIL_SUBJECT_CONFIRM": "Confirm your e-mail address",
    "EMAIL_SUBJECT_PASSWORD_RESET": "Choose a new password",
    "EMAIL_SUBJECT_REGISTER": "Confirm your account",
}
_MESSAGES = {
    "ANONYMOUS_USER_REQUIRED": ("You are signed in already.", "info"),
    "CHANGE_EMAIL_CONFIRMED": ("Your new e-mail address is in use.", "success"),
    "CHANGE_EMAIL_SENT": ("We sent a link to %(email)s. The address changes once you open it.", "success"),
    "CONFIRMATION_REQUEST": ("If %(email)s needs confirmation, we have sent a link to it.", "info"),
    "CONFIRMATION_REQUIRED": ("Confirm your e-mail address first: open the link we sent to it.", "error"),
    "CONFIRM_REGISTRATION": ("We sent a link to %(email)s. Open it to finish.", "success"),
    "DISABLED_ACCOUNT": ("This account is not active.", "error"),
    "EMAIL_CONFIRMED": ("Your e-mail address is confirmed. You can sign in.", "success"),
    "EMAIL_NOT_PROVIDED": ("An e-mail address is needed.", "error"),
    "GENERIC_AUTHN_FAILED": ("The e-mail address and the password do not fit together.", "error"),
    "INVALID_CODE": ("This code is not right.", "error"),
    "INVALID_CONFIRMATION_TOKEN": ("This link does not hold any more. Ask for a new one.", "error"),
    "INVALID_PASSWORD": ("This is not your password.", "error"),
    "INVALID_RECOVERY_CODE": ("This recovery code is not right, or was used already.", "error"),
    "INVALID_RESET_PASSWORD_TOKEN": ("This link does not hold any more. Ask for a new one.", "error"),
    "PASSWORD_CHANGE": ("Your password is changed. You were signed out everywhere else.", "success"),
    "PASSWORD_IS_THE_SAME": ("The new password is the old one.", "error"),
    "PASSWORD_NOT_PROVIDED": ("A password is needed.", "error"),
    "PASSWORD_RESET_NO_LOGIN": ("Your password is changed. Sign in with it.", "success"),
    "PASSWORD_RESET_REQUEST": ("If %(email)s belongs to an account, we have sent a link to it.", "info"),
    "REAUTHENTICATION_REQUIRED": ("Enter your password to go on.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you. Go on.", "success"),
    "RETYPE_PASSWORD_MISMATCH": ("The two passwords differ.", "error"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("One-time codes are on. Save your recovery codes.", "success"),
    "TWO_FACTOR_DISABLED": ("One-time codes are off.", "success"),
    "TWO_FACTOR_INVALID_TOKEN": ("This code is not right. Enter the one that is shown now.", "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "success"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Sign in with your password first.", "error"),
}
_HELD = "This site sends no mail yet"
_WITHOUT_MAIL = {
    "CHANGE_EMAIL_SENT": (
        f"{_HELD}: ask an administrator for the link to %(email)s. The address changes once you open it.", "info",
    ),
    "CONFIRMATION_REQUEST": (
        f"{_HELD}. If %(email)s needs confirmation, ask an administrator to pass its link on to you.", "info",
    ),
    "CONFIRMATION_REQUIRED": (
        f"Confirm your e-mail address first. {_HELD}: ask an administrator to pass the link on to you.", "error",
    ),
    "CONFIRM_REGISTRATION": (
        f"Your account is made. {_HELD}: ask an administrator to pass the link for %(email)s on to you.", "info",
    ),
    "PASSWORD_RESET_REQUEST": (
        f"{_HELD}. If %(email)s belongs to an account, ask an administrator to pass its link on to you.", "info",
    ),
}  # fmt: skip
"""What is said instead while links wait in the outbox, where administrators read them."""
