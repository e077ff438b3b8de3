"""Consents for programs, below ``/api/v1/consent``."""

from __future__ import annotations

from typing import Any

from flask import g

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.consent import schemas, services
from ecrm_server.consent.subject import Subject
from ecrm_server.customers import services as customers
from ecrm_server.rest import RestBlueprint

api = RestBlueprint("consent", __name__, description="What people agree to")


@api.route("/mine", methods=["GET"])
@api.response(200, schemas.ConsentsSchema)
@needs(SIGNED_IN)
def mine() -> dict[str, Any]:
    """How one stands to every purpose, and what one decided so far."""
    return _of(g.actor.account_id)


@api.route("/mine/<purpose>", methods=["PUT"])
@api.arguments(schemas.ChoiceInput)
@api.response(200, schemas.ConsentsSchema)
@needs(SIGNED_IN)
def choose(values: dict[str, Any], purpose: str) -> dict[str, Any]:
    """Give or withdraw a consent of one's own."""
    decide = services.give if values["given"] else services.withdraw
    decide(g.actor, purpose, source="api")
    return _of(g.actor.account_id)


@api.route("/customers/<uid>", methods=["GET"])
@api.response(200, schemas.ConsentsSchema)
@needs("consent.read")
def of_customer(uid: str) -> dict[str, Any]:
    """What a customer agreed to; nothing for one without an account."""
    return _of(customers.get(g.actor, uid)["account_id"])


def _of(account_id: int | None) -> dict[str, Any]:
    if account_id is None:
        return {"consents": [], "history": []}
    standings = [
        {
            "purpose": standing.purpose.key,
            **{
                name: getattr(standing.purpose, name)
                for name in ("title", "about", "wording", "version", "basis")
            },
            "allowed": standing.allowed,
            "since": standing.since,
        }
        for standing in services.standings(Subject(account_id))
    ]
    return {"consents": standings, "history": services.history(account_id)}
