"""Pages of the jobs: the administration's list, and one job's progress for whoever asked for it."""

from __future__ import annotations

from flask import Response, flash, g, jsonify, redirect, render_template, request
from flask_babel import gettext

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.errors import NotFound
from ecrm_server.jobs import services
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("jobs", __name__)


@pages.get("/admin/jobs")
@needs("jobs.manage")
def index() -> str:
    """Jobs, newest first, by whose they are and by state; first those that people asked for."""
    listed = _list()
    owner = str(listed["owner"])
    return render_template(
        "jobs/index.html",
        counts=services.counts(owner),
        system_failed=services.counts("system").get("failed", 0) if owner == "people" else 0,
        states=services.STATES,
        **listed,
    )


@pages.get("/admin/jobs/rows")
@needs("jobs.manage")
def rows() -> str:
    """The rows alone, asked for again and again while something is open."""
    return render_template("jobs/_rows.html", **_list())


@pages.get("/admin/jobs/<uid>")
@needs("jobs.manage")
def detail(uid: str) -> str:
    """One job with its arguments and its error."""
    return render_template("jobs/job.html", job=services.get(uid))


@pages.post("/admin/jobs/<uid>/retry")
@needs("jobs.manage")
def retry(uid: str) -> Response:
    """Start a failed job again."""
    services.retry(uid, g.actor)
    flash(gettext("The job starts again."), "success")
    return redirect("/admin/jobs")  # type: ignore[return-value]


@pages.post("/admin/jobs/<uid>/cancel")
@needs("jobs.manage")
def cancel(uid: str) -> Response:
    """Stop a job."""
    services.cancel(uid, g.actor)
    flash(gettext("The job is cancelled."), "success")
    return redirect("/admin/jobs")  # type: ignore[return-value]


@pages.get("/jobs/<uid>")
@needs(SIGNED_IN)
def progress(uid: str) -> Response:
    """How far a job is, as JSON: for the account that asked for it, and for who manages jobs."""
    job = services.get(uid)
    if job["created_by"] != g.actor.account_id and not g.actor.may("jobs.manage"):
        raise NotFound()
    names = ("uid", "state", "title", "progress", "total", "message", "attempts")
    return jsonify({name: job[name] for name in names})


def _list() -> dict[str, object]:
    state = request.args.get("state", "")
    owner = request.args.get("of", "")
    owner = owner if owner in services.OWNERS else "people"
    before = request.args.get("before", "")
    found, following = services.page(
        owner=owner, state=state, before=int(before) if before.isdecimal() else services.NEWEST
    )
    return {"rows": found, "owner": owner, "state": state, "before": before, "next": following}
