"""The OpenAPI document and a readable page made from it."""

from __future__ import annotations

import json

from flask import render_template
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, needs
from ecrm_server.web.app import current_app
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("rest", __name__)


@pages.get("/api/v1/openapi.json")
@needs(ANYONE)
def openapi() -> Response:
    """The OpenAPI 3.1 document of everything enabled."""
    return Response(current_app().rest.document(), mimetype="application/json")


@pages.get("/api/docs")
@needs(ANYONE)
def docs() -> str:
    """Every endpoint with its parameters and answers."""
    document = json.loads(current_app().rest.document())
    groups: dict[str, list[tuple[str, str, dict[str, object]]]] = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if method != "parameters":
                groups.setdefault((operation.get("tags") or ["api"])[0], []).append((method, path, operation))
    return render_template("rest/docs.html", document=document, groups=groups)
