"""Account plans on the page of an organisation, and all of them by the day of their review."""

from __future__ import annotations

from flask import g, redirect, render_template, request
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import plans
from ecrm_server.customers.schemas import PlanChangeSchema, PlanSchema, StepSchema
from ecrm_server.errors import NotFound
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_plans", __name__, url_prefix="/organisations")


@pages.get("/plans")
@needs("customers.read_own")
def index() -> str:
    """The open plans, by the day of their review."""
    return render_template("customers/plans.html", rows=plans.due(g.actor))


@pages.post("/<uid>/plans")
@needs("customers.edit")
def create(uid: str) -> Response:
    """Make a plan."""
    plans.create(g.actor, uid, plans.Wanted(**load(PlanSchema, request.form)))
    return redirect(f"/organisations/{uid}")


@pages.post("/<uid>/plans/<plan>")
@needs("customers.edit")
def change(uid: str, plan: str) -> Response:
    """Change a plan, or close it."""
    values = load(PlanChangeSchema, request.form)
    version = values.pop("version")
    plans.change(g.actor, uid, plan, plans.Wanted(**values), version)
    return redirect(f"/organisations/{uid}")


@pages.post("/<uid>/plans/<plan>/delete")
@needs("customers.edit")
def delete(uid: str, plan: str) -> Response:
    """Delete a plan."""
    plans.delete(g.actor, uid, plan)
    return redirect(f"/organisations/{uid}")


@pages.post("/<uid>/plans/<plan>/steps")
@needs("customers.edit")
def add_step(uid: str, plan: str) -> Response:
    """Add a step."""
    plans.add_step(g.actor, uid, plan, **load(StepSchema, request.form))
    return redirect(f"/organisations/{uid}")


@pages.post("/<uid>/plans/<plan>/steps/<step>/<verb>")
@needs("customers.edit")
def change_step(uid: str, plan: str, step: str, verb: str) -> Response:
    """Finish, reopen or remove a step."""
    if verb not in ("done", "reopen", "remove"):
        raise NotFound()
    if verb == "remove":
        plans.remove_step(g.actor, uid, plan, step)
    else:
        plans.finish_step(g.actor, uid, plan, step, verb == "done")
    return redirect(f"/organisations/{uid}")
