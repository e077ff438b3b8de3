"""Pages of the web core: home, static files, health probes."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, needs
from ecrm_server.admin.health import check_redis
from ecrm_server.data import database
from ecrm_server.kernel import current
from ecrm_server.web.app import current_app
from ecrm_server.web.assets import Assets
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.context import nav_items

pages = CoreBlueprint("web", __name__)


@pages.get("/")
@needs(ANYONE)
def home() -> str | Response:
    """The first area the visitor may see; a page of its own while nothing is enabled."""
    areas = [item for item in nav_items() if item["url"] != "/"]
    if areas and not request.args.get("stay"):
        return redirect(areas[0]["url"])
    return render_template("web/home.html", areas=areas)


@pages.get("/static/<path:path>")
@needs(ANYONE)
def static(path: str) -> Response:
    """A static file of core, plugin or theme."""
    assets: Assets = current_app().extensions["ecrm_assets"]
    return assets.response(
        path, request.headers.get("Accept-Encoding", ""), request.headers.get("If-None-Match", "")
    )


@pages.get("/favicon.ico")
@needs(ANYONE)
def favicon() -> Response:
    """Browsers that ask without reading the page get the same icon."""
    assets: Assets = current_app().extensions["ecrm_assets"]
    return redirect(assets.url("img/icon.svg"), 301)


@pages.get("/healthz")
@needs(ANYONE)
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@pages.get("/readyz")
@needs(ANYONE)
def readyz() -> tuple[Response, int] | Response:
    """The process can serve: the database answers and a generation is in force."""
    try:
        database.execute_sql("SELECT 1")
    except Exception:  # whatever is wrong, the answer for a load balancer is the same
        return jsonify(status="database not reachable"), 503
    if check_redis().state == "broken":
        return jsonify(status="redis not reachable"), 503
    return jsonify(status="ready", generation=current.generation().number)
