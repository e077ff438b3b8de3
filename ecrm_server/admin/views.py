"""The administration's pages: overview, features, settings, health, failed deliveries."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, needs
from ecrm_server.admin import demo, health, look, metrics, overview, permissions, services
from ecrm_server.errors import EcrmError, Refusal
from ecrm_server.events import delivery
from ecrm_server.kernel import current, plugins
from ecrm_server.web import forms
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.swap import settle

pages = CoreBlueprint("admin", __name__, url_prefix="/admin")



@pages.get("")
@needs(permissions.ENTER)
def index() -> str | Response:
    """An overview with what needs attention."""
    return render_template(
        "admin/index.html",
        figures=overview.figures(g.actor),
        set_up=services.is_set_up(),
        demo_loaded=demo.is_loaded(),
        attention=[item for item in health.report() if item.state in ("attention", "broken")]
        if g.actor.may(permissions.HEALTH)
        else [],
    )


@pages.get("/features")
@needs(permissions.FEATURES)
def features() -> str:
    """Every plugin with its switch, needs, permissions and problems."""
    generation = current.generation()
    return render_template(
        "admin/features.html",
        overview=plugins.overview(generation.config),
        broken=generation.discovered.broken,
        left_out=generation.left_out,
        slow=_slow_fragments(),
        safe_mode=generation.config.safe_mode,
        settings=generation.registry.settings_schemas,
        parts=generation.parts,
    )


def _slow_fragments() -> dict[str, str]:
    from ecrm_server.web.app import current_app

    return dict(current_app().extensions["ecrm_slots"].skipped)


@pages.post("/features/<name>/<verb>")
@needs(permissions.FEATURES)
def change_feature(name: str, verb: str) -> Response | str:
    """Enable, disable or purge a plugin. The answer comes when this worker serves the new generation."""
    try:
        if verb == "enable":
            settle(services.enable(g.actor, name))
            flash(_("%(name)s is on.", name=_title(name)), "success")
        elif verb == "disable":
            settle(services.disable(g.actor, name))
            flash(_("%(name)s is off. Its data is kept.", name=_title(name)), "success")
        elif verb == "purge":
            _purge(name)
        else:
            return redirect("/admin/features")
    except EcrmError as error:
        flash(error.message, "danger")
    return redirect("/admin/features", 303)


def _title(name: str) -> str:
    """How people call a plugin."""
    rows = plugins.overview(current.generation().config)
    return next((row["manifest"].title for row in rows if row["manifest"].name == name), name)


def _purge(name: str) -> None:
    if request.form.get("confirm") != name:
        raise Refusal(
            _("Type the name %(name)s to confirm that its data is deleted.", name=name), field="confirm"
        )
    archive = services.purge(g.actor, name)
    flash(
        _("The data of %(name)s is deleted. A copy is in exports/%(file)s.", name=name, file=archive),
        "success",
    )


@pages.post("/reload")
@needs(permissions.FEATURES)
def reload() -> Response:
    """Use the new code of plugins that are imported already."""
    if services.reload_workers(g.actor):
        flash(_("The workers are being replaced; new code is used in a moment."), "success")
    else:
        flash(
            _("This server runs under a supervisor of its own: reload it there (gunicorn: send HUP)."), "info"
        )
    return redirect("/admin/features", 303)


@pages.route("/settings", defaults={"part": "web"}, methods=["GET", "POST"])
@pages.route("/settings/<part>", methods=["GET", "POST"])
@needs(permissions.SETTINGS)
def settings(part: str) -> str | Response:
    """A part's settings, drawn from its schema."""
    schema = services.schema_of(part)
    values, errors = services.values_of(part), {}
    status = 200
    if request.method == "POST":
        try:
            form = look.with_uploads(g.actor, request.form, request.files)
            services.save_settings(g.actor, part, forms.load(schema, form))
            settle()
            flash(_("Saved."), "success")
            return redirect(request.path, 303)
        except Refusal as refusal:
            values, errors, status = {**values, **request.form.to_dict()}, refusal.errors, 422
    parts = current.generation().registry.settings_schemas
    page = render_template(
        "admin/settings.html",
        part=part,
        parts=[(name, current.generation().parts[name].title) for name in parts],
        fields=forms.describe(schema, values, errors),
        themes=look.themes(),
        errors=errors,
    )
    return Response(page, status, mimetype="text/html")


@pages.get("/health")
@needs(permissions.HEALTH)
def health_page() -> str:
    """Every check, and the live self-test run by the visitor's own browser."""
    return render_template(
        "admin/health.html", results=health.report(), states=["broken", "attention", "well", "not needed"]
    )


@pages.get("/events")
@needs("events.manage")
def events() -> str:
    """Deliveries that failed: waiting for the next attempt, or given up."""
    return render_template("admin/events.html", rows=delivery.undone())


@pages.post("/events/<int:event_id>/replay")
@needs("events.manage")
def replay(event_id: int) -> Response:
    """Give a dead letter another chance."""
    if services.replay(g.actor, event_id, request.form.get("subscriber", "")):
        flash(_("It is tried again now."), "success")
    else:
        flash(_("It was no longer waiting."), "info")
    return redirect("/admin/events", 303)


@pages.get("/demo/remove")
@needs(permissions.SETTINGS)
def ask_remove_demo() -> str:
    """What removing the demo company deletes and keeps, and the button for it."""
    return render_template("admin/remove_demo.html", sentences=demo.describe(), refused="")


@pages.post("/demo/remove")
@needs(permissions.SETTINGS)
def remove_demo() -> Any:
    """Remove the demo company."""
    try:
        services.remove_demo(g.actor)
    except Refusal as refusal:
        page = render_template("admin/remove_demo.html", sentences=demo.describe(), refused=refusal.message)
        return page, refusal.status
    settle()
    flash(_("The demo company is gone."), "success")
    return redirect("/admin", 303)


figures = CoreBlueprint("metrics", __name__)


@figures.get("/metrics")
@needs(ANYONE)
def show_metrics() -> Response:
    """Figures for Prometheus."""
    return metrics.answer()
