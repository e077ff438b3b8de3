"""Segments for programs, below ``/api/v1/segments``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import g

from ecrm_server.api import CursorSchema, NotFound, RestBlueprint, decode_cursor, needs, rest_page

from . import schemas
from .permissions import EDIT, READ
from .services import editing, hand, members, reading

api = RestBlueprint("segments", __name__, description="Groups of customers, by rules or by hand")


@api.route("/segments", methods=["GET"])
@api.arguments(schemas.SegmentQuery, location="query")
@api.response(200, schemas.SegmentPage)
@needs(READ)
def list_segments(query: dict[str, Any]) -> dict[str, Any]:
    """Segments by title."""
    rows, following = reading.page(
        g.actor, archived=query["archived"], after=_after(query), limit=query["limit"]
    )
    return rest_page(rows, [following] if following else None)


@api.route("/segments", methods=["POST"])
@api.arguments(schemas.SegmentInput)
@api.response(201, schemas.SegmentSchema)
@needs(EDIT)
def create(values: dict[str, Any]) -> dict[str, Any]:
    """Make a segment: with a rule, or without one a list kept by hand. Its members are found soon afterwards."""
    uid = editing.create(g.actor, values["title"], rule=values["rule"], description=values["description"])
    return reading.one(g.actor, uid)


@api.route("/segments/<uid>", methods=["GET"])
@api.response(200, schemas.SegmentSchema)
@needs(READ)
def one(uid: str) -> dict[str, Any]:
    """A segment."""
    return reading.one(g.actor, uid)


@api.route("/segments/<uid>", methods=["PUT"])
@api.arguments(schemas.SegmentChange)
@api.response(200, schemas.SegmentSchema)
@needs(EDIT)
def change(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Change a segment that is still of the version that was read; else 409."""
    editing.change(
        g.actor,
        uid,
        values["version"],
        title=values["title"],
        description=values["description"],
        rule=values["rule"],
    )
    return reading.one(g.actor, uid)


@api.route("/segments/<uid>", methods=["DELETE"])
@api.response(204)
@needs(EDIT)
def archive(uid: str) -> None:
    """Archive a segment that no other one uses."""
    editing.archive(g.actor, uid)


@api.route("/segments/<uid>/members", methods=["GET"])
@api.arguments(CursorSchema, location="query")
@api.response(200, schemas.MemberPage)
@needs(READ)
def list_members(query: dict[str, Any], uid: str) -> dict[str, Any]:
    """Members that one may see, the newest customers first."""
    row = reading.one(g.actor, uid)
    rows, following = members.page(g.actor, row["id"], after=_after(query), limit=query["limit"])
    return rest_page(rows, [following] if following else None)


@api.route("/segments/<uid>/members", methods=["POST"])
@api.arguments(schemas.MemberInput)
@api.response(200, schemas.DoneSchema)
@needs(EDIT)
def put_in(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Put customers into a list kept by hand. Those that one does not see are left out."""
    return asdict(hand.add(g.actor, uid, values["customers"]))


@api.route("/segments/<uid>/members", methods=["DELETE"])
@api.arguments(schemas.MemberInput)
@api.response(200, schemas.DoneSchema)
@needs(EDIT)
def take_out(values: dict[str, Any], uid: str) -> dict[str, Any]:
    """Take customers out of a list kept by hand."""
    return asdict(hand.remove(g.actor, uid, values["customers"]))


@api.route("/segments/<uid>/why/<customer>", methods=["GET"])
@api.response(200, schemas.WhySchema)
@needs(READ)
def why(uid: str, customer: str) -> dict[str, Any]:
    """Why a customer is in a segment, or not: each part of the rule with the value that was found."""
    told = reading.why(g.actor, uid, customer)
    explanation = told["explanation"]
    return {**told, "explanation": asdict(explanation) if explanation else None}


def _after(query: dict[str, Any]) -> str:
    position = decode_cursor(query["cursor"], 1)
    if position is None:
        return ""
    if not isinstance(position[0], str):
        raise NotFound()
    return position[0]
