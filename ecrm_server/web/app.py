"""The Flask app of one generation: new for every swap, complete before the first request, never changed after."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import flask
from flask import Flask, g, request

from ecrm_server.data import UNAVAILABLE, reading_only
from ecrm_server.errors import PluginError
from ecrm_server.rest.api import Rest
from ecrm_server.web import context, errors, guard, rules, templates, viewing
from ecrm_server.web.blueprint import PluginBlueprint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from flask.wrappers import Response

    from ecrm_server.kernel.generation import Generation
    from ecrm_server.kernel.part import Part


class EcrmFlask(Flask):
    """Flask with our template environment and URL rules that cost nothing until somebody builds a URL."""

    url_rule_class = rules.LazyRule
    jinja_environment = templates.Environment
    generation: Generation
    needs: dict[str, str]
    """endpoint -> permission its requests must hold."""
    own_eyes: set[str]
    """Endpoints that nobody reaches who views the site as somebody else."""
    route_owner: dict[str, str]
    """endpoint -> part that added it."""
    rest: Rest

    def create_jinja_environment(self) -> templates.Environment:
        return templates.environment(self)

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view; while somebody only looks, nothing that it does reaches the database."""
        if g.actor.viewed_by is None or request.endpoint in viewing.LEAVING:
            return super().dispatch_request()
        with reading_only():
            return super().dispatch_request()

    def handle_exception(self, e: Exception) -> Response:
        """Leave a database that is away before or after the view (no session, so no page either) to the dispatcher."""
        if isinstance(e, UNAVAILABLE):
            raise e
        return super().handle_exception(e)


def new_app(generation: Generation) -> EcrmFlask:
    """An app with the core's ways of answering, and no pages yet."""
    app = EcrmFlask("ecrm_server", static_folder=None, template_folder=None)
    config = generation.config
    app.generation = generation
    app.needs, app.route_owner, app.own_eyes = {}, {}, set()
    app.config.update(
        SECRET_KEY=config.secret_key,
        TESTING=config.testing,
        TRUSTED_HOSTS=None,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        PREFERRED_URL_SCHEME=config.base_url.partition(":")[0],
        TEMPLATES_AUTO_RELOAD=False,
    )
    generation.app = app
    app.rest = Rest(app)
    errors.install(app)
    guard.install(app)
    context.install(app)
    return app


def add_part(app: EcrmFlask, part: Part) -> None:
    """Add the pages and endpoints of one part. Raises PluginError when a route clashes or declares no permission."""
    setup = getattr(part.module, "setup_app", None) if part.is_core else None
    if setup is not None:
        setup(app)
    known = set(app.view_functions)
    taken = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    for blueprint in part.declare("blueprints") or ():
        if not part.is_core and (not isinstance(blueprint, PluginBlueprint) or blueprint.name != part.name):
            raise PluginError(f"A plugin's pages belong to PluginBlueprint('{part.name}', __name__).")
        app.register_blueprint(blueprint)
    for api in part.declare("rest") or ():
        app.rest.add(part, api)
    for endpoint in set(app.view_functions) - known:
        app.route_owner[endpoint] = part.name
    guard.collect(app, part, taken)


def finish_app(app: EcrmFlask) -> None:
    """Check that nothing is open by accident and let the core parts complete what they began."""
    for part in app.generation.parts.values():
        finish = getattr(part.module, "finish_app", None) if part.is_core else None
        if finish is not None:
            finish(app)
    guard.check(app)


def current_app() -> EcrmFlask:
    """The app serving the request."""
    return cast(EcrmFlask, flask.current_app)
