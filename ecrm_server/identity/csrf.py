"""Cross-site request forgery: token, Origin and Sec-Fetch-Site, checked before every change."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import g, request
from flask import session as flask_session
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import BadRequest

from ecrm_server.identity.extensions import quiet
from ecrm_server.identity.session import COOKIE
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from flask import Flask

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_KEPT = "csrf_signed"


def install(app: Flask) -> None:
    """Protect one generation's app."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    with quiet(app):
        CSRFProtect(app)
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.before_request(check)


def csrf_token() -> str:
    """The token for forms and scripts of this session, signed once and then kept with it."""
    token: str | None = g.get("csrf_token")
    if token is None:
        kept = flask_session.get(_KEPT)
        if kept:
            g.csrf_token = token = kept
        else:
            token = flask_session[_KEPT] = str(generate_csrf())
    return token


def check() -> None:
    """Refuse a change that another site sent, or that comes with a session but without its token.

    Programs with an API key and no cookie need no token: no browser sends the key by itself.
    """
    if request.method in SAFE:
        return
    _same_origin()
    if COOKIE in request.cookies:
        csrf: CSRFProtect = _extension()
        try:
            csrf.protect()
        except CSRFError as error:
            flask_session.pop(_KEPT, None)
            raise BadRequest("This page is out of date. Reload it and try again.") from error


def _extension() -> CSRFProtect:
    from ecrm_server.web.app import current_app

    return current_app().extensions["csrf"]


def _same_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise BadRequest("This request came from another site.")
    origin = request.headers.get("Origin")
    if origin is None:
        return
    given = urlsplit(origin)
    own = urlsplit(current.generation().config.base_url)
    if not given.netloc or given.netloc not in (request.host, own.netloc):
        raise BadRequest("This request came from another site.")
