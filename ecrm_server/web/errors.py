"""Errors as people and programs read them: a page in the site's frame, or a problem document (RFC 9457)."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

import jinja2
from flask import g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from ecrm_server.data import UNAVAILABLE
from ecrm_server.data.database import drop_idle_connections, is_full
from ecrm_server.errors import EcrmError, Refusal, TooManyRequests

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask

log = logging.getLogger(__name__)

PAGES = (400, 403, 404, 405, 413, 429, 500, 503)


def install(app: EcrmFlask) -> None:
    """Answer every error of a generation's app."""
    app.register_error_handler(EcrmError, _expected)
    app.register_error_handler(HTTPException, _http)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Whether the client is a program: the REST API, or a script that asks for JSON."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html" and not request.headers.get("HX-Request")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """A problem document (RFC 9457)."""
    answer = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **more})
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def page(status: int, title: str, detail: str) -> Response:
    """An error page in the frame of the site; plain text when even that cannot be drawn."""
    template = f"errors/{status}.html" if status in PAGES else "errors/400.html"
    try:
        body = render_template(
            template, title=title, message=detail, status=status, incident=g.get("incident")
        )
    except jinja2.TemplateError:
        log.exception("the error page could not be drawn")
        body = f"{status} {title}\n\n{detail}\n"
        return Response(body, status, mimetype="text/plain")
    return Response(body, status, mimetype="text/html")


def _answer(status: int, title: str, detail: str, **more: Any) -> Response:
    return problem(status, title, detail, **more) if wants_json() else page(status, title, detail)


def _expected(error: EcrmError) -> Response:
    more = {"errors": error.errors} if isinstance(error, Refusal) and error.errors else {}
    answer = _answer(error.status, type(error).__name__, error.message, **more)
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    fields = _by_field(error)
    if fields:
        answer = _answer(status, "Refusal", "Please look at the marked fields.", errors=fields)
    else:
        answer = _answer(status, error.name, error.description or "")
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            answer.headers.add(name, value)
    return answer


RETRY_SECONDS = "5"


def _unavailable(error: Exception) -> Response:
    """The database is away, busy or full: nothing was changed, and asking again helps."""
    log.error("the database cannot be used: %s", error)
    drop_idle_connections()
    if is_full(error):
        return _answer(507, "Insufficient Storage", "The server's disk is full. Nothing was changed; reading goes on.")
    answer = _answer(503, "Service Unavailable", "The database does not answer at the moment. Nothing was changed.")
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _by_field(error: HTTPException) -> dict[str, Any]:
    """What webargs found wrong in a request to the API: field -> messages."""
    messages = (getattr(error, "data", None) or {}).get("messages", {})
    return {name: texts for fields in messages.values() if isinstance(fields, dict) for name, texts in fields.items()}


def _unexpected(error: Exception) -> Response:
    from ecrm_server.web import development
    from ecrm_server.web.app import current_app

    g.incident = secrets.token_hex(4)
    log.error("request failed", exc_info=error, extra={"incident": g.incident, "path": request.path})
    if current_app().generation.config.development and not wants_json():
        return development.page(error)
    return _http(InternalServerError(f"Something broke here. The incident {g.incident} is in the log."))
