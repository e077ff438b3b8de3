"""People hear of what happens to the security of their own account."""

from __future__ import annotations

from ecrm_server.data import Prepared
from ecrm_server.events import Delivered, on
from ecrm_server.kernel import current
from ecrm_server.notices.kinds import SECURITY
from ecrm_server.notices.services import notify

_ACCOUNT = Prepared("SELECT id, demo FROM account WHERE uid = ? AND deleted_at IS NULL")
PAGE = "/me/security"
ADVICE = "If this was not you, change your password and sign out everywhere else."


@on("identity.signed_in")
def tell_of_new_browser(event: Delivered) -> None:
    """Somebody signed in from a browser that the account had not been used in."""
    account = _ACCOUNT.row(event.account)
    # Everybody may sign in as one of the demo's people: to them it is no news.
    if event.new_browser and account is not None and not account["demo"]:
        _tell(event, f"Your account was signed in to from a new browser: {event.device or 'unknown'}")


@on("identity.password_changed")
def tell_of_password(event: Delivered) -> None:
    """The password is another one."""
    link = f"{current.generation().config.base_url}/reset"
    _tell(
        event,
        "The password of your account was changed",
        f"If this was not you, choose another at once: {link}",
    )


@on("identity.email_changed")
def tell_of_address(event: Delivered) -> None:
    """The e-mail address is another one; the old one was told when somebody asked for it."""
    _tell(event, "The e-mail address of your account was changed")


@on("identity.two_factor_changed")
def tell_of_codes(event: Delivered) -> None:
    """One-time codes are on or off."""
    _tell(event, f"One-time codes were switched {'on' if event.enabled else 'off'} for your account")


@on("identity.api_key_created")
def tell_of_api_key(event: Delivered) -> None:
    """A program may act for the account."""
    _tell(event, "An API key was made for your account")


@on("identity.sessions_revoked")
def tell_of_revoked_sessions(event: Delivered) -> None:
    """Somebody ended sessions for their own sake. Those that end with something else are told of by that."""
    if event.reason == "revoked":
        number = len(event.data["keys"])
        _tell(event, f"Your account was signed out in {number} {'browser' if number == 1 else 'browsers'}")


def _tell(event: Delivered, title: str, advice: str = ADVICE) -> None:
    account = _ACCOUNT.row(event.account)
    if account is not None:
        notify([account["id"]], SECURITY.name, title=title, url=PAGE, excerpt=advice)
