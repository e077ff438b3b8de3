"""Customers and organisations themselves: the same endpoints for both, each with its own schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g
from marshmallow import fields, validate

from ecrm_server.access import needs
from ecrm_server.customers import changing, paging, reading
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.rest.blueprint import api
from ecrm_server.customers.rest.shape import Shapes, given, shapes, told
from ecrm_server.customers.visibility import EDIT, READ_OWN
from ecrm_server.rest import CursorSchema, decode, page
from ecrm_server.rest.version import Answer, tagged, unless_changed


class ListQuery(CursorSchema):
    """Which ones, and in which order."""

    q = fields.String(
        load_default="", validate=validate.Length(max=200),
        metadata={"description": "Part of a name, number or e-mail address.", "example": "ada"},
    )  # fmt: skip
    filter = fields.String(
        load_default="", validate=validate.Length(max=20_000),
        metadata={
            "description": "A rule as JSON: conditions on traits, joined by `all`, `any` and `not`, and segments.",
            "example": '{"trait":"customers.country","op":"is","value":"DE"}',
        },
    )  # fmt: skip
    sort = fields.String(
        load_default="", validate=validate.Length(max=60),
        metadata={"description": "A column of the list, `-` before it for descending. By name otherwise."},
    )  # fmt: skip


def _told(subject: Subject, row: dict[str, Any], status: int = 200) -> Answer:
    return tagged(told(subject, [row])[0], status)


def _add(subject: Subject, schemas: Shapes) -> None:
    """The endpoints of one of the two."""
    one, many = subject.name, f"{subject.name}s"

    def route(rule: str, method: str, endpoint: str, about: str) -> Callable[[Any], Any]:
        def add(view: Any) -> Any:
            view.__doc__ = about
            return api.route(rule, methods=[method], endpoint=endpoint)(view)

        return add

    @route(f"/{many}", "GET", f"list_{many}", f"The {many} one sees.")
    @api.arguments(ListQuery, location="query")
    @api.response(200, schemas.page)
    @needs(READ_OWN)
    def listed(query: dict[str, Any]) -> dict[str, Any]:
        position = decode(query["cursor"], 1, str)
        rows, cursor = paging.page(
            g.actor, subject, q=query["q"], tree=query["filter"], sort=query["sort"], limit=query["limit"],
            after=str(position[0]) if position else "",
        )  # fmt: skip
        return page(told(subject, rows), [cursor] if cursor else None)

    @route(f"/{many}", "POST", f"make_{one}", f"Make one of the {many}.")
    @api.arguments(schemas.input)
    @api.response(201, schemas.output)
    @needs(EDIT)
    def make(values: dict[str, Any]) -> Answer:
        facts = given(values)
        facts.pop("version", None)
        uid = changing.make(g.actor, subject, {"name": "", **facts})
        return _told(subject, reading.one(g.actor, subject, uid), 201)

    @route(
        f"/{many}/<uid>", "GET", f"one_{one}", f"One of the {many}; of a merged one, what it was merged into."
    )
    @api.response(200, schemas.output)
    @needs(READ_OWN)
    def single(uid: str) -> Answer:
        return _told(subject, reading.one(g.actor, subject, uid))

    @route(f"/{many}/<uid>", "PATCH", f"change_{one}", "Change the facts that are given; others stay.")
    @api.arguments(schemas.input)
    @api.response(200, schemas.output)
    @needs(EDIT)
    def change(values: dict[str, Any], uid: str) -> Answer:
        with unless_changed(values) as version:
            changing.change(g.actor, subject, uid, version, given(values))
        return _told(subject, reading.one(g.actor, subject, uid))


_add(CUSTOMER, shapes(CUSTOMER, "Customer"))
_add(ORGANISATION, shapes(ORGANISATION, "Organisation"))
