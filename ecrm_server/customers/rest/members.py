"""Who belongs to which organisation, and single tags."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import memberships, organisations, reading, tagging
from ecrm_server.customers.facts import AREAS, CUSTOMER, ORGANISATION
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.rest.blueprint import ONE, api
from ecrm_server.customers.visibility import EDIT, READ_OWN
from ecrm_server.rest import Instant


class MemberOutput(marshmallow.Schema):
    """Somebody of an organisation."""

    uid = fields.String(metadata={"description": "Public id of the customer."})
    name = fields.String()
    email = fields.String(allow_none=True)
    stage = fields.String()
    role = fields.String(metadata={"enum": list(ROLES)})
    joined_at = Instant()


class Members(marshmallow.Schema):
    """At most 500 people, by name."""

    items = fields.List(fields.Nested(MemberOutput))


class MembershipOutput(marshmallow.Schema):
    """An organisation that somebody belongs to."""

    uid = fields.String(metadata={"description": "Public id of the organisation."})
    name = fields.String()
    kind = fields.String()
    role = fields.String(metadata={"enum": list(ROLES)})
    joined_at = Instant()


class Memberships(marshmallow.Schema):
    """The organisations, by name."""

    items = fields.List(fields.Nested(MembershipOutput))


class MemberInput(marshmallow.Schema):
    """What somebody is in an organisation."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class Tags(marshmallow.Schema):
    """All tags of one."""

    tags = fields.List(fields.String(), metadata={"example": ["press", "vip"]})


@api.route("/organisations/<uid>/members", methods=["GET"])
@api.response(200, Members)
@needs(READ_OWN)
def list_members(uid: str) -> dict[str, Any]:
    """The people of an organisation that one sees."""
    row_id = reading.organisation(g.actor, uid)["id"]
    return {"items": memberships.of(g.actor, ORGANISATION, row_id)}


@api.route("/organisations/<uid>/members/<customer>", methods=["PUT"])
@api.arguments(MemberInput)
@api.response(204)
@needs(EDIT)
def put_member(values: dict[str, Any], uid: str, customer: str) -> None:
    """Let a customer belong to an organisation, or change the role in it."""
    organisations.add_member(g.actor, uid, customer, values["role"])


@api.route("/organisations/<uid>/members/<customer>", methods=["DELETE"])
@api.response(204)
@needs(EDIT)
def remove_member(uid: str, customer: str) -> None:
    """End a membership."""
    organisations.remove_member(g.actor, uid, customer)


@api.route("/customers/<uid>/organisations", methods=["GET"])
@api.response(200, Memberships)
@needs(READ_OWN)
def list_memberships(uid: str) -> dict[str, Any]:
    """The organisations that a customer belongs to, of those that one sees."""
    return {"items": memberships.of(g.actor, CUSTOMER, reading.customer(g.actor, uid)["id"])}


@api.route(f"{ONE}/tags/<tag>", methods=["PUT"])
@api.response(200, Tags)
@needs(EDIT)
def put_tag(area: str, uid: str, tag: str) -> dict[str, Any]:
    """Put a tag on; others stay."""
    return {"tags": tagging.put(g.actor, AREAS[area], uid, tag)}


@api.route(f"{ONE}/tags/<tag>", methods=["DELETE"])
@api.response(200, Tags)
@needs(EDIT)
def remove_tag(area: str, uid: str, tag: str) -> dict[str, Any]:
    """Take a tag off; others stay."""
    return {"tags": tagging.remove(g.actor, AREAS[area], uid, tag)}
