"""Account plans on the page of an organisation, and all of them by the day of their review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import people, pieces, plans
from ecrm_server.customers.pieces import Answer, Form, today
from ecrm_server.customers.schemas import PlanChangeSchema, PlanSchema, StepChangeSchema, StepSchema
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_plans", __name__, url_prefix="/organisations")

Owners = list[tuple[str, str]]


def _base(uid: str) -> str:
    return f"/organisations/{uid}"


@pages.get("/plans")
@needs("customers.read_own")
def index() -> str:
    """The open plans, by the day of their review."""
    return render_template("customers/plans.html", rows=plans.due(g.actor), today=today())


@pages.post("/<uid>/plans")
@needs("customers.edit")
def create(uid: str) -> Answer:
    """Make a plan."""
    return pieces.attempt(
        lambda: plans.create(g.actor, uid, plans.Wanted(**load(PlanSchema, request.form))),
        lambda error: pieces.drawn(forms(_base(uid), people.staff(g.actor)).plan, error),
        _base(uid),
    )


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms for new plans and steps on the page of an organisation."""

    base: str
    owners: Owners

    @property
    def plan(self) -> Form:
        """For a new plan."""
        return Form(
            name="plan", title=gettext("Make a plan"), url=f"{self.base}/plans", back=self.base, id="new-plan",
            values={"title": "", "goal": "", "owner": "", "review_on": "", "state": "open"},
            choices=_choices(self.owners),
        )  # fmt: skip

    def step(self, plan: str) -> Form:
        """For a new step of a plan."""
        return Form(
            name="step", title=gettext("Add step"), url=f"{self.base}/plans/{plan}/steps", back=self.base,
            id=f"step-{plan}", values={"title": "", "due_on": "", "owner": ""}, choices={"owner": self.owners},
        )  # fmt: skip


def forms(base: str, staff: Owners) -> Forms:
    """The forms for new plans and steps."""
    return Forms(base, [("", ""), *staff])


def _owners(also: str | None) -> Owners:
    return [("", ""), *people.staff(g.actor, also)]


def _choices(owners: Owners) -> dict[str, Owners]:
    return {"owner": owners, "state": [(state, gettext(title)) for state, title in plans.STATES.items()]}


def _changed_plan(uid: str, plan: str, error: Refusal | None = None) -> str:
    row, base = plans.one(g.actor, uid, plan), _base(uid)
    values = {name: row[name] for name in ("title", "goal", "state")}
    form = Form(
        name="plan", title=row["title"], url=f"{base}/plans/{plan}", back=base, about=("account_plan", plan), id=plan,
        version=row["version"], choices=_choices(_owners(row["owner_uid"])),
        values=values | {"owner": row["owner_uid"] or "", "review_on": row["review_on"] or ""},
        labels={
            "title": gettext("Title"), "goal": gettext("Goal"), "owner": gettext("Looked after by"),
            "review_on": gettext("Review"), "state": gettext("State"),
        },
    )  # fmt: skip
    return pieces.drawn(form, error)


def _changed_step(uid: str, plan: str, step: str, error: Refusal | None = None) -> str:
    base, row = _base(uid), _step(plans.one(g.actor, uid, plan), step)
    form = Form(
        name="step", title=row["title"], url=f"{base}/plans/{plan}/steps/{step}/edit", back=base,
        about=("account_plan", plan), id=step, version=row["version"],
        values={"title": row["title"], "due_on": row["due_on"] or "", "owner": row["owner_uid"] or ""},
        labels={"title": gettext("Step"), "due_on": gettext("Due"), "owner": gettext("Who does it")},
        choices={"owner": _owners(row["owner_uid"])},
    )  # fmt: skip
    return pieces.drawn(form, error)


def _step(plan: dict[str, Any], uid: str) -> dict[str, Any]:
    found = next((step for step in plan["steps"] if step["uid"] == uid), None)
    if found is None:
        raise NotFound()
    return dict(found)


@pages.get("/<uid>/plans/<plan>/edit")
@needs("customers.edit")
def edit(uid: str, plan: str) -> str:
    """The form for a plan."""
    return _changed_plan(uid, plan)


@pages.post("/<uid>/plans/<plan>")
@needs("customers.edit")
def change(uid: str, plan: str) -> Answer:
    """Change a plan, or close it."""

    def act() -> None:
        values = load(PlanChangeSchema, request.form)
        version = values.pop("version")
        plans.change(g.actor, uid, plan, plans.Wanted(**values), version)

    return pieces.attempt(act, lambda error: _changed_plan(uid, plan, error), _base(uid))


@pages.post("/<uid>/plans/<plan>/delete")
@needs("customers.edit")
def delete(uid: str, plan: str) -> Response:
    """Delete a plan."""
    return pieces.done(_base(uid), gettext("Deleted."), removed=plans.delete(g.actor, uid, plan))


@pages.post("/<uid>/plans/<plan>/steps")
@needs("customers.edit")
def add_step(uid: str, plan: str) -> Answer:
    """Add a step."""
    return pieces.attempt(
        lambda: plans.add_step(g.actor, uid, plan, **load(StepSchema, request.form)),
        lambda error: pieces.drawn(forms(_base(uid), people.staff(g.actor)).step(plan), error),
        _base(uid),
    )


@pages.get("/<uid>/plans/<plan>/steps/<step>/edit")
@needs("customers.edit")
def edit_step(uid: str, plan: str, step: str) -> str:
    """The form for a step."""
    return _changed_step(uid, plan, step)


@pages.post("/<uid>/plans/<plan>/steps/<step>/edit")
@needs("customers.edit")
def save_step(uid: str, plan: str, step: str) -> Answer:
    """Change a step."""
    return pieces.attempt(
        lambda: plans.change_step(g.actor, uid, plan, step, **load(StepChangeSchema, request.form)),
        lambda error: _changed_step(uid, plan, step, error),
        _base(uid),
    )


@pages.post("/<uid>/plans/<plan>/steps/<step>/<verb>")
@needs("customers.edit")
def change_step(uid: str, plan: str, step: str, verb: str) -> Response:
    """Finish, reopen or remove a step."""
    if verb == "remove":
        return pieces.done(
            _base(uid), gettext("Removed."), removed=plans.remove_step(g.actor, uid, plan, step)
        )
    if verb in ("done", "reopen"):
        plans.finish_step(g.actor, uid, plan, step, verb == "done")
        text, other = (gettext("Done."), "reopen") if verb == "done" else (gettext("Open again."), "done")
        return pieces.done(_base(uid), text, undo=f"{_base(uid)}/plans/{plan}/steps/{step}/{other}")
    raise NotFound()
