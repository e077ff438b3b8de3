"""A person's own data, and the administration's list of requests."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, send_file
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.access import SIGNED_IN, needs, own_eyes
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel import current
from ecrm_server.privacy import erasing, retention, services
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("privacy", __name__)


@pages.get("/me/data")
@needs(SIGNED_IN)
@own_eyes
def mine() -> str:
    """Download my data, my consents, delete my account."""
    return _mine()


def _mine(error: Refusal | None = None) -> str:
    return render_template("privacy/mine.html", exports=_exports(), error=error)


def _exports() -> list[dict[str, object]]:
    """The exports with the progress of those that are being gathered."""
    rows = services.exports(g.actor.account_id)
    for row in rows:
        row["progress"] = None
        if row["state"] in ("waiting", "running"):
            try:
                row["progress"] = jobs.get(row["job"])
            except NotFound:
                continue
    return rows


@pages.get("/me/data/exports")
@needs(SIGNED_IN)
@own_eyes
def exports() -> str:
    """The list of exports as a fragment, asked for again while one is being gathered."""
    return render_template("privacy/exports.html", exports=_exports())


@pages.post("/me/data/exports")
@needs(SIGNED_IN)
def ask() -> Response | tuple[str, int]:
    """Ask for a copy of one's data."""
    try:
        services.ask_for_export(g.actor)
    except Refusal as error:
        return _mine(error), error.status
    return redirect("/me/data")


@pages.get("/me/data/exports/<uid>.zip")
@needs(SIGNED_IN)
@own_eyes
def download(uid: str) -> Response:
    """The archive, for its owner alone."""
    name = f"my-data-{clock.iso(clock.now())[:10]}.zip"
    answer = send_file(
        services.open_export(g.actor, uid), mimetype="application/zip", as_attachment=True, download_name=name
    )
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@pages.get("/admin/privacy")
@needs("privacy.manage")
def index() -> str:
    """Every request, and what parts that are off still owe."""
    before = request.args.get("before", services.NEWEST, type=int)
    rows, following = services.page(before=before)
    return render_template("privacy/index.html", rows=rows, following=following, debts=erasing.debts())


@pages.post("/admin/privacy/<uid>/again")
@needs("privacy.manage")
def again(uid: str) -> Response:
    """Start a failed request again."""
    services.try_again(g.actor, uid)
    return redirect("/admin/privacy")


@pages.get("/admin/privacy/retention")
@needs("privacy.manage")
def periods() -> str:
    """Every table that holds something about people: how long it is kept, why, and when that was last seen to."""
    return render_template(
        "privacy/retention.html", tables=retention.overview(), parts=current.generation().parts
    )


@pages.post("/admin/privacy/retention")
@needs("privacy.manage")
def keep_now() -> Response:
    """Delete what is over at once instead of tonight."""
    retention.keep_now(g.actor)
    flash(gettext("A job is doing it now."), "success")
    return redirect("/admin/privacy/retention")
