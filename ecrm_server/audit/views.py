"""The audit log's pages in the administration."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from ecrm_server.access import needs
from ecrm_server.audit import services
from ecrm_server.lists.page import list_page
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("audit", __name__)


@pages.get("/admin/audit")
@needs("audit.read")
def index() -> ResponseReturnValue:
    """The log, newest first."""
    return list_page("audit.entries", template="audit/index.html", layout="admin/base.html")


@pages.post("/admin/audit/verify")
@needs("audit.read")
def verify() -> str:
    """Check every record against its seal."""
    noted = request.form.get("head", "").strip().lower()
    return render_template("audit/verify.html", report=services.check(noted_head=noted), noted=noted)
