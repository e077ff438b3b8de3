"""Rate limits: views are marked, the build applies them, and nothing else costs anything."""

from __future__ import annotations

import functools
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from flask import g, request
from flask_limiter import Limiter, RateLimitExceeded

from ecrm_server.errors import Refusal, TooManyRequests
from ecrm_server.identity import counters, keys
from ecrm_server.identity.address import client_address
from ecrm_server.identity.extensions import quiet
from ecrm_server.web.app import current_app

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from ecrm_server.web.app import EcrmFlask

ATTRIBUTE = "ecrm_limits"
API_PREFIX = "/api/"
API_LIMIT = "600/minute"
By = Literal["person", "address", "email"]
_View = TypeVar("_View", bound=Callable[..., Any])


CHANGES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Limit:
    """``rate`` such as ``10/minute``; ``by`` whom it counts; ``methods`` it counts (none: all)."""

    rate: str
    by: By = "person"
    methods: tuple[str, ...] = CHANGES


def limited(rate: str, *, by: By = "person", methods: tuple[str, ...] = CHANGES) -> Callable[[_View], _View]:
    """Mark a view that may be called only so often, for example ``@limited("10/minute")``.

    ``by``: ``person`` (the account, else the address), ``address``, or ``email`` (the address that the form names).
    By default only changes are counted. Put it below the route decorator; it may be used several times.
    """

    def mark(view: _View) -> _View:
        setattr(view, ATTRIBUTE, (*getattr(view, ATTRIBUTE, ()), Limit(rate, by, methods)))
        return view

    return mark


def install(app: EcrmFlask) -> None:
    """Make the limiter of one generation; it counts nothing until ``apply``."""
    uri, options = counters.storage(app.generation.config.redis_url)
    with quiet(app):
        app.extensions["ecrm_limiter"] = Limiter(
            _by_person,
            app=app,
            storage_uri=uri,
            storage_options=options,
            swallow_errors=True,  # while Redis is away nobody is locked out
        )
    app.after_request(_headers)


def apply(app: EcrmFlask) -> None:
    """Wrap the marked views, and every endpoint of the REST API."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    for endpoint, view in list(app.view_functions.items()):
        found: tuple[Limit, ...] = getattr(view, ATTRIBUTE, ())
        if not found and rules.get(endpoint, "").startswith(API_PREFIX):
            found = (Limit(API_LIMIT, "person", ()),)
        if found:
            app.view_functions[endpoint] = _wrap(app, endpoint, view, found)


def add(app: EcrmFlask, endpoint: str, *found: Limit) -> None:
    """Limit an endpoint of somebody else's code."""
    app.view_functions[endpoint] = _wrap(app, endpoint, app.view_functions[endpoint], found)


def _wrap(
    app: EcrmFlask, endpoint: str, view: Callable[..., Any], found: tuple[Limit, ...]
) -> Callable[..., Any]:
    limiter: Limiter = app.extensions["ecrm_limiter"]

    @functools.wraps(view)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    # The limiter keeps its limits by this name.
    inner.__module__, inner.__qualname__, inner.__name__ = "ecrm", endpoint, endpoint
    counted: Callable[..., Any] = inner
    for limit in found:
        counted = limiter.limit(
            limit.rate, key_func=_KEYS[limit.by], methods=list(limit.methods) or None, scope=limit.by
        )(counted)

    @functools.wraps(view)
    def outer(*args: Any, **kwargs: Any) -> Any:
        g.ecrm_counted = True
        try:
            return counted(*args, **kwargs)
        except RateLimitExceeded as error:
            reached = limiter.current_limit
            retry = max(1, int(reached.reset_at - time.time())) if reached else 60
            message = "That was too often. Wait a moment and try again."
            raise TooManyRequests(message, retry_after=retry) from error

    return outer


def _headers(response: Response) -> Response:
    if g.get("ecrm_counted") and request.path.startswith(API_PREFIX):
        limit = current_app().extensions["ecrm_limiter"].current_limit
        if limit is not None:
            response.headers["RateLimit-Limit"] = str(limit.limit.amount)
            response.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
            response.headers["RateLimit-Reset"] = str(max(0, int(limit.reset_at - time.time())))
    return response


def _by_address() -> str:
    address = client_address(request) or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address {address}"
    if parsed.version == 6:  # one household has 2**64 of them
        return f"address {ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address {parsed}"


def _by_person() -> str:
    account = (g.actor.viewed_by or g.actor).account_id
    return f"account {account}" if account is not None else _by_address()


def _by_email() -> str:
    try:
        return f"email {keys.email_key(request.form.get('email', ''))}"
    except Refusal:
        return _by_address()


_KEYS: dict[By, Callable[[], str]] = {"person": _by_person, "address": _by_address, "email": _by_email}
