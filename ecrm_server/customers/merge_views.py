"""Pages on which duplicates are found, compared and merged."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import duplicates, merging, services
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("customer_merge", __name__, url_prefix="/customers")


@pages.get("/duplicates")
@needs(merging.MERGE)
def index() -> str:
    """Customers that may be one."""
    return render_template("customers/duplicates.html", rows=duplicates.listed(g.actor))


@pages.post("/duplicates/<uid>/dismiss")
@needs(merging.MERGE)
def dismiss(uid: str) -> Response:
    """They are two."""
    duplicates.dismiss(g.actor, uid)
    return redirect("/customers/duplicates")


@pages.get("/<uid>/merge/<other>")
@needs(merging.MERGE)
def preview(uid: str, other: str) -> str:
    """What merging another customer into this one would give."""
    return render_template(
        "customers/merge.html",
        kept=services.get(g.actor, uid),
        merged=services.get(g.actor, other),
        rows=merging.preview(g.actor, uid, other),
    )


@pages.post("/<uid>/merge/<other>")
@needs(merging.MERGE)
def merge(uid: str, other: str) -> Response:
    """Merge another customer into this one."""
    merging.merge(g.actor, uid, other, take=request.form.getlist("take"))
    flash(gettext("They are one now. Undo it below, beside the facts."), "success")
    return redirect(f"/customers/{uid}")


@pages.post("/merges/<uid>/undo")
@needs(merging.MERGE)
def undo(uid: str) -> Response:
    """Part them again."""
    kept, _ = merging.undo(g.actor, uid)
    flash(gettext("They are two again."), "success")
    return redirect(f"/customers/{kept}")
