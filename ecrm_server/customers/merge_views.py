"""Pages on which duplicates of customers and organisations are found, compared and merged."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import children, duplicates, merging, reading
from ecrm_server.customers.facts import AREA, AREAS
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("customer_merge", __name__)


# Without a name of its own, "duplicates" would be taken for the public id of a customer.
@pages.get("/organisations/duplicates", defaults={"area": "organisations"})
@pages.get("/customers/duplicates", defaults={"area": "customers"})
@needs(merging.MERGE)
def index(area: str) -> str:
    """Those that may be one."""
    subject = AREAS[area]
    return render_template(
        "customers/duplicates.html", subject=subject, rows=duplicates.listed(g.actor, subject)
    )


@pages.post(f"{AREA}/duplicates/look")
@needs(merging.MERGE)
def look(area: str) -> Response:
    """Compare all of them now, without waiting for the night."""
    duplicates.ask_for_scan(g.actor)
    flash(gettext("Looking for duplicates. Open this page again in a minute."), "info")
    return redirect(f"/{area}/duplicates", 303)


@pages.post(f"{AREA}/duplicates/<uid>/dismiss")
@needs(merging.MERGE)
def dismiss(area: str, uid: str) -> Response:
    """They are two."""
    duplicates.dismiss(g.actor, AREAS[area], uid)
    return redirect(f"/{area}/duplicates")


@pages.get(f"{AREA}/<uid>/merge/<other>")
@needs(merging.MERGE)
def preview(area: str, uid: str, other: str) -> str:
    """What merging another one into this one would give."""
    subject = AREAS[area]
    rows = merging.preview(g.actor, subject, uid, other)
    merged = reading.one(g.actor, subject, other)
    return render_template(
        "customers/merge.html",
        subject=subject,
        kept=reading.one(g.actor, subject, uid),
        merged=merged,
        rows=rows,
        moving=children.counts(g.actor, subject, merged["id"]),
    )


@pages.post(f"{AREA}/<uid>/merge/<other>")
@needs(merging.MERGE)
def merge(area: str, uid: str, other: str) -> Response:
    """Merge another one into this one."""
    merging.merge(g.actor, AREAS[area], uid, other, take=request.form.getlist("take"))
    flash(gettext("They are one now. Undo it below, beside the facts."), "success")
    return redirect(f"/{area}/{uid}")


@pages.post(f"{AREA}/merges/<uid>/undo")
@needs(merging.MERGE)
def undo(area: str, uid: str) -> Response:
    """Part them again."""
    kept, _ = merging.undo(g.actor, AREAS[area], uid)
    flash(gettext("They are two again."), "success")
    return redirect(f"/{area}/{kept}")
