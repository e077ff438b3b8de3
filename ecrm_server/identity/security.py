"""Flask-Security, set up for one generation: which of its doors are open, and to whom."""

from __future__ import annotations

import functools
import html
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import user_logged_in, user_logged_out
from flask_security import Security
from flask_security.signals import change_email_instructions_sent, user_failed_authn

from ecrm_server.access import ANYONE, SIGNED_IN
from ecrm_server.data import transaction
from ecrm_server.errors import Conflict
from ecrm_server.events import emit
from ecrm_server.identity import events, forms, library, library_config, limits
from ecrm_server.identity.address import client_address
from ecrm_server.identity.csrf import csrf_token
from ecrm_server.identity.datastore import Accounts, User
from ecrm_server.identity.extensions import quiet
from ecrm_server.identity.keys import derived
from ecrm_server.identity.limits import Limit
from ecrm_server.identity.session import browser_session, load_actor

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask

NEEDS = {
    "login": ANYONE,
    "logout": ANYONE,
    "verify": SIGNED_IN,
    "register": ANYONE,
    "forgot_password": ANYONE,
    "reset_password": ANYONE,
    "send_confirmation": ANYONE,
    "confirm_email": ANYONE,
    "change_password": SIGNED_IN,
    "change_email": SIGNED_IN,
    "change_email_confirm": ANYONE,
    "two_factor_setup": SIGNED_IN,
    "two_factor_setup_validate": SIGNED_IN,
    "two_factor_token_validation": ANYONE,
    "two_factor_rescue": ANYONE,
    "tf_select": ANYONE,
    "mf_recovery_codes": SIGNED_IN,
    "mf_recovery": ANYONE,
}
"""Who may use the library's pages; a page that is not here keeps the generation from being built."""

_MAILING = (Limit("20/hour", "address"), Limit("5/hour", "email"))
_GUESSING = (Limit("30/5 minutes", "address"), Limit("10/5 minutes", "email"))
_CODES = (Limit("10/5 minutes", "address"),)
LIMITS = {
    "login": _GUESSING,
    "verify": (Limit("10/5 minutes"),),
    "register": _MAILING,
    "forgot_password": _MAILING,
    "send_confirmation": _MAILING,
    "reset_password": _CODES,
    "change_password": (Limit("10/5 minutes"),),
    "change_email": (Limit("5/hour"),),
    "two_factor_setup_validate": (Limit("10/5 minutes"),),
    "two_factor_token_validation": _CODES,
    "mf_recovery": _CODES,
}
SHUT = ("two_factor_rescue", "tf_select")
"""Pages of the library that this product has no use for."""
SAME_TIME = ("register", "forgot_password", "send_confirmation")
"""Pages that answer after the same time whether or not they know the address."""
ANSWER_SECONDS = 0.25
BY_LINK = ("confirm_email", "change_email_confirm")
"""Links in mails: a GET (which programs that look at mails send too) shows a button, the POST does it."""


def install(app: EcrmFlask) -> None:
    """Set up accounts on a generation's app."""
    app.config.update(library_config.values(app))
    with quiet(app):
        security = Security(
            app,
            Accounts(),
            login_form=forms.SignInForm,
            register_form=forms.RegisterForm,
            two_factor_setup_form=forms.CodesSetupForm,
            two_factor_rescue_form=forms.NoRescueForm,
            mail_util_cls=library.Mail,
            password_util_cls=library.Passwords,
            totp_cls=library.OneTimeCodes,
        )
    key = app.generation.config.secret_key
    security.pwd_context = library.PasswordHashes()
    security.hashing_context = library.TokenHashes(derived(key, "links"))
    security.want_json(lambda _: False)
    login = library.Login()
    login.unauthorized_callback = security.login_manager.unauthorized_callback
    security.login_manager = app.login_manager = login  # type: ignore[attr-defined]
    _change_views(app)
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    change_email_instructions_sent.connect(_warn_old_address, app)
    user_failed_authn.connect(_failed, app)


def _change_views(app: EcrmFlask) -> None:
    for name, permission in NEEDS.items():
        if f"security.{name}" in app.view_functions:
            app.needs[f"security.{name}"] = permission
            if name != "logout":
                app.own_eyes.add(f"security.{name}")
    confirm = "security.change_email_confirm"
    app.add_url_rule(
        f"{app.config['SECURITY_CHANGE_EMAIL_URL']}/<token>",
        endpoint=f"{confirm}ed",
        view_func=app.view_functions[confirm],
        methods=["POST"],
    )
    app.needs[f"{confirm}ed"] = ANYONE
    for name in SHUT:
        app.view_functions[f"security.{name}"] = _nothing_here
    for name in BY_LINK:
        app.view_functions[f"security.{name}"] = _asking_first(app.view_functions[f"security.{name}"])
    if "security.register" in app.view_functions:
        app.view_functions["security.register"] = _as_if_known(app.view_functions["security.register"])
    for name in SAME_TIME:
        if f"security.{name}" in app.view_functions:
            app.view_functions[f"security.{name}"] = _in_same_time(app.view_functions[f"security.{name}"])
    code = "security.two_factor_token_validation"
    app.view_functions[code] = _only_when_asked(app.view_functions[code])
    for name, found in LIMITS.items():
        if f"security.{name}" in app.view_functions:
            limits.add(app, f"security.{name}", *found)


def _nothing_here(**_: Any) -> Any:
    abort(404)


def _only_when_asked(view: Callable[..., Any]) -> Callable[..., Any]:
    """The library signs out whoever opens the page for a code without being asked for one; a link must not do that."""

    @functools.wraps(view)
    def asked() -> Any:
        if g.actor.is_authenticated and browser_session().get("tf_state") != "validating_profile":
            return redirect("/me/security")
        return view()

    return asked


def _asking_first(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def asked(token: str) -> Any:
        if request.method != "POST":
            return render_template("security/open_link.html")
        return view(token=token)

    return asked


def _as_if_known(view: Callable[..., Any]) -> Callable[..., Any]:
    """A form sent twice at once: the second account cannot be made, and is answered like any known address."""

    @functools.wraps(view)
    def registering() -> Any:
        try:
            return view()
        except Conflict:
            return view()

    return registering


def _in_same_time(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def padded(**arguments: Any) -> Any:
        started = time.monotonic()
        answer = view(**arguments)
        if request.method == "POST":
            time.sleep(max(0.0, ANSWER_SECONDS - (time.monotonic() - started)))
        return answer

    return padded


def sign_in(account_id: int, *, remember: bool = False) -> None:
    """Sign an account in without a form (claim link, accepted invitation, demo); the proof counts as fresh."""
    session = browser_session()
    session["fs_paa"] = time.time()
    session.sign_in(account_id, remember=remember)
    g.actor = load_actor()
    csrf_token()


def _signed_in(app: EcrmFlask, user: User, **_: Any) -> None:
    session = browser_session()
    session.sign_in(user.id, remember=session.pop("_remember", None) == "set")
    g.actor = load_actor()
    csrf_token()


def _signed_out(app: EcrmFlask, **_: Any) -> None:
    browser_session().sign_out()
    g.pop("csrf_token", None)
    g.actor = load_actor()


def _warn_old_address(app: EcrmFlask, user: User, new_email: str, **_: Any) -> None:
    from ecrm_server.notices import mail

    text = render_template("security/email/change_email_notice.txt", user=user)
    subject = "Somebody asked to change your e-mail address"
    kind = "identity.change_email_notice"
    mail.send(user.email, subject, html.unescape(text), kind=kind, account_id=user.id)


def _failed(app: EcrmFlask, user: User, **_: Any) -> None:
    with transaction():
        emit(events.SignInFailed(account=user.uid, address=client_address(request)))


def require_fresh() -> Any:
    """The answer that asks for the password again, or None when it was given within the last half hour."""
    within = timedelta(minutes=30).total_seconds()
    if time.time() - g.actor.fresh_at / 1000 <= within:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(403, "Enter your password again first.")
    flash("Enter your password to go on.", "info")
    return redirect(url_for("security.verify", next=request.full_path.rstrip("?")))
