"""The permission of every route, collected at build time and asked before each view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, redirect, request
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from ecrm_server.access import ANONYMOUS, ANYONE, SIGNED_IN, Actor
from ecrm_server.access.guard import is_for_own_eyes, needed_by
from ecrm_server.errors import PluginError
from ecrm_server.web import bodies, hosts, viewing

if TYPE_CHECKING:
    from ecrm_server.kernel.part import Part
    from ecrm_server.web.app import EcrmFlask

API_PREFIX = "/api/"


def install(app: EcrmFlask) -> None:
    """Find out who acts and ask for the permission, before every view."""
    app.before_request(_ask)


def collect(app: EcrmFlask, part: Part, taken: set[tuple[str, str]]) -> None:
    """Note what the part's new endpoints need. Raises PluginError for a clash or an undeclared permission."""
    for rule in app.url_map.iter_rules():
        if app.route_owner.get(rule.endpoint) != part.name or rule.endpoint in app.needs:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (rule.rule, method) in taken:
                raise PluginError(f"Its route {method} {rule.rule} exists already.")
        permission = needed_by(app.view_functions[rule.endpoint])
        if permission is None:
            raise PluginError(f"Its route {rule.rule} ({rule.endpoint}) declares no permission; use @needs(...).")
        if not app.generation.registry.knows_permission(permission):
            raise PluginError(f"Its route {rule.rule} asks for '{permission}', which no part declares.")
        app.needs[rule.endpoint] = permission
        if is_for_own_eyes(app.view_functions[rule.endpoint]):
            app.own_eyes.add(rule.endpoint)


def check(app: EcrmFlask) -> None:
    """The last line of defence: no endpoint without a permission, whoever added it."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in app.needs:
            raise PluginError(f"The route {rule.rule} ({rule.endpoint}) declares no permission.")


def _ask() -> Response | None:
    from ecrm_server.identity.session import load_actor

    g.actor = ANONYMOUS  # what an error page shows when finding out who acts fails
    elsewhere = hosts.answer()
    if elsewhere is not None:
        return elsewhere
    g.actor = load_actor()
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page: the error handler answers 404
    permission = _app_needs()[endpoint]
    actor: Actor = g.actor
    if actor.viewed_by is not None:
        viewing.require_looking(endpoint, actor)
    if permission == ANYONE or (permission == SIGNED_IN and actor.is_authenticated) or actor.may(permission):
        _let_in(endpoint)
        return None
    return refuse(actor)


def _let_in(endpoint: str) -> None:
    """What reads the body next, the check of the form's token, must know how large it may be."""
    if request.content_length is not None:
        limit = bodies.limit_of(_view(endpoint))
        if limit is not None:
            request.max_content_length = limit


def refuse(actor: Actor) -> Response:
    """Send a visitor to the sign-in page and back; tell a signed-in person (or an API client) that it may not."""
    if actor.is_authenticated:
        raise Forbidden()
    if request.path.startswith(API_PREFIX) or request.method not in ("GET", "HEAD"):
        raise Unauthorized()
    target = request.full_path if request.query_string else request.path
    return redirect(f"/login?{urlencode({'next': target})}")


def _app_needs() -> dict[str, str]:
    from ecrm_server.web.app import current_app

    return current_app().needs


def _view(endpoint: str) -> Callable[..., Any] | None:
    from ecrm_server.web.app import current_app

    return current_app().view_functions.get(endpoint)
