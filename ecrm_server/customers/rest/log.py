"""What staff log about customers and organisations, their timeline, and what was removed put back."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import activities, putting_back, reading, timeline
from ecrm_server.customers.facts import AREAS, CUSTOMER
from ecrm_server.customers.rest.blueprint import ONE, api
from ecrm_server.customers.schemas import ActivitySchema
from ecrm_server.customers.visibility import EDIT, READ_OWN
from ecrm_server.data import transaction
from ecrm_server.rest import CursorSchema, Flag, Instant, decode, page
from ecrm_server.rest.version import Answer, tagged, unless_changed, version_field


class Removed(marshmallow.Schema):
    """What was removed: the id by which it can be put back, for a day."""

    removed = fields.String(metadata={"example": "8fJk2LmN9pQr"})


class ActivityOutput(marshmallow.Schema):
    """A note, call, meeting, mail or task."""

    uid = fields.String()
    kind = fields.String(metadata={"enum": list(activities.KINDS)})
    subject = fields.String(metadata={"example": "Renewal"})
    text = fields.String(metadata={"description": "As it was written, in Markdown."})
    at = Instant(metadata={"description": "When it took place."})
    minutes = fields.Integer(allow_none=True, metadata={"example": 30})
    due_at = Instant(allow_none=True)
    done_at = Instant(allow_none=True)
    pinned = Flag()
    author = fields.String(attribute="author_name", allow_none=True, metadata={"example": "Stella Staff"})
    assignee = fields.String(
        attribute="assignee_uid",
        allow_none=True,
        metadata={"description": "Public id of the profile of who does it."},
    )
    edited_at = Instant(allow_none=True)
    version = fields.Integer()


class ActivityPage(marshmallow.Schema):
    """A page of what was logged, the newest first."""

    items = fields.List(fields.Nested(ActivityOutput))
    next = fields.String(allow_none=True)


class ActivityPatch(marshmallow.Schema):
    """What is to be changed; what is not given stays."""

    subject = fields.String(validate=validate.Length(max=200))
    text = fields.String(validate=validate.Length(max=activities.MAX_TEXT))
    at = Instant()
    minutes = fields.Integer(allow_none=True, validate=validate.Range(0, 10_000))
    due_at = Instant(allow_none=True)
    assignee = fields.String(validate=validate.Length(max=40))
    pinned = fields.Boolean()
    done = fields.Boolean(metadata={"description": "Of a task."})
    version = version_field()


class TimelineQuery(CursorSchema):
    """Which entries."""

    kind = fields.String(
        load_default="", validate=validate.Length(max=60),
        metadata={"description": "A plugin, or a kind of what staff log.", "example": "customers.call"},
    )  # fmt: skip


class EntrySchema(marshmallow.Schema):
    """Something that happened between the customer and a plugin, as far as one may know of it."""

    part = fields.String(metadata={"example": "forums"})
    kind = fields.String(metadata={"example": "topic"})
    at = Instant()
    title = fields.String()
    url = fields.String()
    excerpt = fields.String()
    html = fields.String()
    actor = fields.String(attribute="actor_name")
    ref = fields.String(metadata={"description": "Of what was logged: its public id."})
    state = fields.String()


class TimelinePage(marshmallow.Schema):
    """A page of the timeline, the newest first."""

    items = fields.List(fields.Nested(EntrySchema))
    next = fields.String(allow_none=True)


@api.route(f"{ONE}/activities", methods=["GET"])
@api.arguments(CursorSchema, location="query")
@api.response(200, ActivityPage)
@needs(READ_OWN)
def list_activities(query: dict[str, Any], area: str, uid: str) -> dict[str, Any]:
    """What was logged, the newest first."""
    subject = AREAS[area]
    row = reading.one(g.actor, subject, uid)
    rows, following = activities.page(subject, row["id"], decode(query["cursor"], 2, int), query["limit"])
    return page(rows, following)


@api.route(f"{ONE}/activities", methods=["POST"])
@api.arguments(ActivitySchema)
@api.response(201, ActivityOutput)
@needs(EDIT)
def log(values: dict[str, Any], area: str, uid: str) -> Answer:
    """Log a note, call, meeting or task; send a mail."""
    subject = AREAS[area]
    made = activities.log(g.actor, subject, uid, activities.Wanted(**values))
    return tagged(activities.read(g.actor, subject, uid, made), 201)


@api.route(f"{ONE}/activities/<activity>", methods=["GET"])
@api.response(200, ActivityOutput)
@needs(READ_OWN)
def one_activity(area: str, uid: str, activity: str) -> Answer:
    """Something that was logged."""
    return tagged(activities.read(g.actor, AREAS[area], uid, activity))


@api.route(f"{ONE}/activities/<activity>", methods=["PATCH"])
@api.arguments(ActivityPatch)
@api.response(200, ActivityOutput)
@needs(EDIT)
def change_activity(values: dict[str, Any], area: str, uid: str, activity: str) -> Answer:
    """Change its words, times and who does it; pin it, mark a task as done."""
    subject = AREAS[area]
    what = (g.actor, subject, uid, activity)
    with unless_changed(values) as version, transaction():
        if "pinned" in values:
            activities.pin(*what, values.pop("pinned"))
        if "done" in values:
            activities.finish(*what, values.pop("done"))
        if values or version is not None:
            activities.change(*what, activities.as_wanted(activities.one(*what), **values), version)
    return tagged(activities.read(*what))


@api.route(f"{ONE}/activities/<activity>", methods=["DELETE"])
@api.response(200, Removed)
@needs(EDIT)
def delete_activity(area: str, uid: str, activity: str) -> dict[str, Any]:
    """Delete it; it can be put back for a day. A mail itself stays in the outbox."""
    return {"removed": activities.delete(g.actor, AREAS[area], uid, activity)}


@api.route(f"{ONE}/removed/<item>", methods=["POST"])
@api.response(204)
@needs(EDIT)
def put_back(area: str, uid: str, item: str) -> None:
    """Put back a contact, address, activity, plan or step that was removed."""
    putting_back.put_back(g.actor, AREAS[area], uid, item)


@api.route(f"{ONE}/timeline", methods=["GET"])
@api.arguments(TimelineQuery, location="query")
@api.response(200, TimelinePage)
@needs(READ_OWN)
def one_timeline(query: dict[str, Any], area: str, uid: str) -> dict[str, Any]:
    """What all plugins know, the newest first."""
    subject = AREAS[area]
    row = reading.one(g.actor, subject, uid)
    position = decode(query["cursor"], 1, int)
    of = (
        {"account_id": row["account_id"], "customer_id": row["id"]}
        if subject is CUSTOMER
        else {"organisation_id": row["id"]}
    )
    entries, following = timeline.collect(
        g.actor, **of, before=position[0] if position else None, limit=query["limit"], only=query["kind"]
    )
    return page(entries, None if following is None else [following])
