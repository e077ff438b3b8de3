"""What identity adds to the app of one generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from ecrm_server.access import ANYONE
from ecrm_server.identity import claim, csrf, limits, people_views, security
from ecrm_server.identity.session import Sessions

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask


def setup(app: EcrmFlask) -> None:
    """Sessions, CSRF, rate limits and the library's pages, before any part adds its own."""
    app.session_interface = Sessions()
    csrf.install(app)
    limits.install(app)
    security.install(app)
    is_open = app.generation.settings["identity.registration"] == "open"
    if not is_open:
        app.add_url_rule(
            "/register", endpoint="security.register", view_func=people_views.closed_registration
        )
        app.needs["security.register"] = ANYONE
    app.jinja_env.globals.update(
        register_url="/register" if is_open else "",
        login_url="/login",
        sends_mail=bool(app.generation.config.smtp_url),
        try_as_available=lambda: claim.try_as_available(request),
    )


def finish(app: EcrmFlask) -> None:
    """Apply the limits of views that all parts marked."""
    limits.apply(app)
