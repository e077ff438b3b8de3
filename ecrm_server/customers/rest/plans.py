"""Account plans of organisations with their steps."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import plans, reading
from ecrm_server.customers.facts import ORGANISATION
from ecrm_server.customers.rest.blueprint import api
from ecrm_server.customers.rest.log import Removed
from ecrm_server.customers.schemas import PlanChangeSchema, PlanSchema, StepSchema
from ecrm_server.customers.visibility import EDIT, READ_OWN
from ecrm_server.data import transaction
from ecrm_server.rest import Instant
from ecrm_server.rest.version import Answer, tagged, unless_changed, version_field

PLANS = "/organisations/<uid>/plans"
PLAN = f"{PLANS}/<plan>"
STEP = f"{PLAN}/steps/<step>"


class StepOutput(marshmallow.Schema):
    """A step of a plan."""

    uid = fields.String()
    title = fields.String(metadata={"example": "Visit the new hall"})
    owner = fields.String(attribute="owner_uid", allow_none=True)
    due_on = fields.String(allow_none=True, metadata={"example": "2026-06-30"})
    done_at = Instant(allow_none=True)
    version = fields.Integer()


class PlanOutput(marshmallow.Schema):
    """What we want to reach with an organisation, by which steps, and when we look at it again."""

    uid = fields.String()
    title = fields.String(metadata={"example": "Twice as many bicycles"})
    goal = fields.String()
    owner = fields.String(attribute="owner_uid", allow_none=True)
    review_on = fields.String(allow_none=True, metadata={"example": "2026-09-01"})
    state = fields.String(metadata={"enum": list(plans.STATES)})
    version = fields.Integer()
    steps = fields.List(fields.Nested(StepOutput))


class Plans(marshmallow.Schema):
    """At most 50, open ones first, by the day of their review."""

    items = fields.List(fields.Nested(PlanOutput))


class StepPatch(marshmallow.Schema):
    """What is to be changed of a step; what is not given stays."""

    title = fields.String(validate=validate.Length(1, 160))
    owner = fields.String(validate=validate.Length(max=40))
    due_on = fields.String(validate=validate.Length(max=10))
    done = fields.Boolean()
    version = version_field()


class DuePlan(marshmallow.Schema):
    """An open plan of an organisation that one sees."""

    organisation = fields.String(attribute="uid")
    name = fields.String()
    title = fields.String()
    review_on = fields.String(allow_none=True)
    steps = fields.Integer()
    done = fields.Integer()


class DuePlans(marshmallow.Schema):
    """At most 200, by the day of their review."""

    items = fields.List(fields.Nested(DuePlan))


@api.route("/plans", methods=["GET"])
@api.response(200, DuePlans)
@needs(READ_OWN)
def list_due_plans() -> dict[str, Any]:
    """The open plans of all organisations, by the day of their review."""
    return {"items": plans.due(g.actor)}


@api.route(PLANS, methods=["GET"])
@api.response(200, Plans)
@needs(READ_OWN)
def list_plans(uid: str) -> dict[str, Any]:
    """The plans of an organisation."""
    return {"items": plans.listed(reading.one(g.actor, ORGANISATION, uid)["id"])}


@api.route(PLANS, methods=["POST"])
@api.arguments(PlanSchema)
@api.response(201, PlanOutput)
@needs(EDIT)
def make_plan(values: dict[str, Any], uid: str) -> Answer:
    """Make a plan."""
    made = plans.create(g.actor, uid, plans.Wanted(**values))
    return tagged(plans.one(g.actor, uid, made), 201)


@api.route(PLAN, methods=["PUT"])
@api.arguments(PlanChangeSchema)
@api.response(200, PlanOutput)
@needs(EDIT)
def change_plan(values: dict[str, Any], uid: str, plan: str) -> Answer:
    """Change a plan, or close it as reached or dropped."""
    with unless_changed(values) as version:
        plans.change(g.actor, uid, plan, plans.Wanted(**values), version)
    return tagged(plans.one(g.actor, uid, plan))


@api.route(PLAN, methods=["DELETE"])
@api.response(200, Removed)
@needs(EDIT)
def delete_plan(uid: str, plan: str) -> dict[str, Any]:
    """Delete a plan with its steps; it can be put back for a day."""
    return {"removed": plans.delete(g.actor, uid, plan)}


@api.route(f"{PLAN}/steps", methods=["POST"])
@api.arguments(StepSchema)
@api.response(201, PlanOutput)
@needs(EDIT)
def add_step(values: dict[str, Any], uid: str, plan: str) -> Answer:
    """Add a step."""
    plans.add_step(g.actor, uid, plan, **values)
    return tagged(plans.one(g.actor, uid, plan), 201)


@api.route(STEP, methods=["PATCH"])
@api.arguments(StepPatch)
@api.response(200, PlanOutput)
@needs(EDIT)
def change_step(values: dict[str, Any], uid: str, plan: str, step: str) -> Answer:
    """Change a step, mark it as done or open it again."""
    with unless_changed(values) as version, transaction():
        if "done" in values:
            plans.finish_step(g.actor, uid, plan, step, values.pop("done"))
        if values or version is not None:
            now = plans.one_step(g.actor, uid, plan, step)
            same = {"title": now["title"], "owner": now["owner_uid"] or "", "due_on": now["due_on"] or ""}
            plans.change_step(g.actor, uid, plan, step, version=version, **same | values)
    return tagged(plans.one(g.actor, uid, plan))


@api.route(STEP, methods=["DELETE"])
@api.response(200, Removed)
@needs(EDIT)
def remove_step(uid: str, plan: str, step: str) -> dict[str, Any]:
    """Remove a step; it can be put back for a day."""
    return {"removed": plans.remove_step(g.actor, uid, plan, step)}
