"""A Flask app that shows the core's templates and nothing else: the frame without the rest of the server."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Flask, g, jsonify, request
from flask_babel import Babel
from markupsafe import Markup
from werkzeug.wrappers import Response

from ecrm_server.access.actor import ANONYMOUS, Actor
from ecrm_server.web import formatting
from ecrm_server.web.assets import CORE, Assets
from ecrm_server.web.fragments import KeptPieces
from ecrm_server.web.headers import secure

TEMPLATES = CORE.parent / "templates"
MEMBER = Actor(account_id=1, uid="4kQ9zXb2WcYt", name="Ada Lovelace", theme="dark", density="compact")
PALETTE = [
    {"title": "Brakes squeal", "url": "/docs/components?found=1", "icon": "message", "hint": "Workshop"}
]


def make_app() -> Flask:
    """The app: the components page, static files, and a palette that finds one topic."""
    app = Flask("frame", template_folder=str(TEMPLATES), static_folder=None)
    app.secret_key = "only for this test"
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.add_extension(KeptPieces)
    Babel(app)
    formatting.install(app.jinja_env)
    assets = Assets(strict=True)
    app.jinja_env.globals.update(asset=assets.url, csrf_token=lambda: "token-of-this-person")

    @app.get("/static/<path:path>")
    def static(path: str) -> Response:
        return assets.response(path, request.headers.get("Accept-Encoding", ""))

    @app.get("/search/palette")
    def palette() -> Response:
        return jsonify(
            groups=[{"label": "Topics", "items": PALETTE if "zzz" not in request.args["q"] else []}]
        )

    @app.get("/docs/components")
    def components() -> str:
        actor = ANONYMOUS if "visitor" in request.args else MEMBER
        return render(app, "components.html", actor, request.args.get("dir", "ltr"))

    app.after_request(lambda response: secure(response, signed_in=True))
    return app


def render(
    app: Flask, template: str, actor: Actor = ANONYMOUS, direction: str = "ltr", **more: object
) -> str:
    """Render a template with the context that the server gives to every page."""
    entry = SimpleNamespace(
        key="forums", label="Forums", url="/forums", icon="messages", active=True, badge=12
    )
    context: dict[str, object] = {
        "site": {"name": "Harbour Cycles", "logo_url": None, "accent": ""},
        "actor": actor,
        "nav": [entry],
        "slot": lambda _name, **_context: Markup(""),
        "locale": SimpleNamespace(code="ar" if direction == "rtl" else "en", dir=direction),
        "unread_notices": 3 if actor.is_authenticated else 0,
        "page_modules": [],
    }
    g.look = ("en", direction)
    return app.jinja_env.get_template(template).render(context | more)
