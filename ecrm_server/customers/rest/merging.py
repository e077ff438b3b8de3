"""Those that may be one, merging them, and parting them again."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import duplicates, merging, reading
from ecrm_server.customers.facts import AREA, AREAS
from ecrm_server.customers.rest.blueprint import ONE, api
from ecrm_server.rest import Instant


class MergeInput(marshmallow.Schema):
    """Which one is merged into the one of the address."""

    merged = fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"example": "2bGt7XwYz4Hs"}
    )
    take = fields.List(
        fields.String(), load_default=list,
        metadata={
            "description": "Names of facts that come from the merged one where both have them.", "example": ["phone"],
        },
    )  # fmt: skip


class Made(marshmallow.Schema):
    """The public id of the merge, by which it can be undone."""

    uid = fields.String(metadata={"example": "8fJk2LmN9pQr"})


class Parted(marshmallow.Schema):
    """The public ids of the two."""

    kept = fields.String()
    merged = fields.String()


class FactSchema(marshmallow.Schema):
    """One fact of the two, as texts; ``choice`` where both have it and differ."""

    name = fields.String(metadata={"example": "phone"})
    title = fields.String(metadata={"example": "Phone"})
    kept = fields.String()
    merged = fields.String()
    choice = fields.Boolean()


class Preview(marshmallow.Schema):
    """What merging would do."""

    facts = fields.List(fields.Nested(FactSchema))


class MergeSchema(marshmallow.Schema):
    """A merge that can be undone."""

    uid = fields.String()
    merged = fields.String(attribute="merged_uid")
    name = fields.String()
    by = fields.String(attribute="actor_name", allow_none=True)
    at = Instant()


class Merges(marshmallow.Schema):
    """At most 20, the last first."""

    items = fields.List(fields.Nested(MergeSchema))


class PairSchema(marshmallow.Schema):
    """Two that may be one."""

    uid = fields.String()
    score = fields.Integer(metadata={"description": "From 50, where it begins to be likely, to 100."})
    reasons = fields.List(fields.String(), metadata={"example": ["The same e-mail address"]})
    first = fields.String(attribute="first_uid")
    first_name = fields.String()
    second = fields.String(attribute="second_uid")
    second_name = fields.String()


class Pairs(marshmallow.Schema):
    """At most 50, the surest first."""

    items = fields.List(fields.Nested(PairSchema))


@api.route(f"/duplicates{AREA}", methods=["GET"])
@api.response(200, Pairs)
@needs(merging.MERGE)
def list_duplicates(area: str) -> dict[str, Any]:
    """Pairs that may be one, of whom one sees both."""
    return {"items": duplicates.listed(g.actor, AREAS[area])}


@api.route(f"/duplicates{AREA}/<pair>/dismiss", methods=["POST"])
@api.response(204)
@needs(merging.MERGE)
def dismiss_duplicate(area: str, pair: str) -> None:
    """They are two; they are not proposed again."""
    duplicates.dismiss(g.actor, AREAS[area], pair)


@api.route(f"{ONE}/merge/<other>", methods=["GET"])
@api.response(200, Preview)
@needs(merging.MERGE)
def preview_merge(area: str, uid: str, other: str) -> dict[str, Any]:
    """What merging another one into this one would give."""
    return {"facts": merging.preview(g.actor, AREAS[area], uid, other)}


@api.route(f"{ONE}/merge", methods=["POST"])
@api.arguments(MergeInput)
@api.response(201, Made)
@needs(merging.MERGE)
def merge(values: dict[str, Any], area: str, uid: str) -> dict[str, Any]:
    """Merge another one into this one, with everything that hangs on it."""
    return {"uid": merging.merge(g.actor, AREAS[area], uid, values["merged"], values["take"])}


@api.route(f"{ONE}/merges", methods=["GET"])
@api.response(200, Merges)
@needs(merging.MERGE)
def list_merges(area: str, uid: str) -> dict[str, Any]:
    """What was merged into it and can be undone."""
    subject = AREAS[area]
    return {"items": merging.merges(g.actor, subject, reading.one(g.actor, subject, uid)["id"])}


@api.route(f"/merges{AREA}/<merge_uid>/undo", methods=["POST"])
@api.response(200, Parted)
@needs(merging.MERGE)
def undo_merge(area: str, merge_uid: str) -> dict[str, Any]:
    """Part the two again; later merges of theirs are undone first."""
    kept, merged = merging.undo(g.actor, AREAS[area], merge_uid)
    return {"kept": kept, "merged": merged}
