"""Further e-mail addresses, phones and postal addresses of customers and organisations."""

from __future__ import annotations

from typing import Any

import marshmallow
from flask import g
from marshmallow import fields

from ecrm_server.access import needs
from ecrm_server.customers import contacts, reading
from ecrm_server.customers.facts import AREAS, Subject
from ecrm_server.customers.rest.blueprint import ONE, api
from ecrm_server.customers.rest.log import Removed
from ecrm_server.customers.schemas import (
    AddressChangeSchema,
    AddressSchema,
    ContactChangeSchema,
    ContactSchema,
)
from ecrm_server.customers.visibility import EDIT, READ_OWN
from ecrm_server.rest import Flag
from ecrm_server.rest.version import Answer, tagged, unless_changed


class ContactOutput(ContactSchema):
    """A further e-mail address or phone. The main ones are facts of the customer."""

    uid = fields.String()
    version = fields.Integer()


class AddressOutput(AddressSchema):
    """A postal address; that of the facts is the main one."""

    uid = fields.String()
    main = Flag()
    version = fields.Integer()


class Contacts(marshmallow.Schema):
    """At most 50."""

    items = fields.List(fields.Nested(ContactOutput))


class Addresses(marshmallow.Schema):
    """At most 50, the main one first."""

    items = fields.List(fields.Nested(AddressOutput))


def _row(area: str, uid: str) -> tuple[Subject, dict[str, Any]]:
    subject = AREAS[area]
    return subject, reading.one(g.actor, subject, uid)


@api.route(f"{ONE}/contacts", methods=["GET"])
@api.response(200, Contacts)
@needs(READ_OWN)
def list_contacts(area: str, uid: str) -> dict[str, Any]:
    """Further e-mail addresses and phones that one may read."""
    subject, row = _row(area, uid)
    return {"items": contacts.points(g.actor, subject, row["id"])}


@api.route(f"{ONE}/contacts", methods=["POST"])
@api.arguments(ContactSchema)
@api.response(201, ContactOutput)
@needs(EDIT)
def add_contact(values: dict[str, Any], area: str, uid: str) -> Answer:
    """Add an e-mail address or phone."""
    subject = AREAS[area]
    made = contacts.add_point(g.actor, subject, uid, **values)
    return tagged(contacts.point(g.actor, subject, uid, made), 201)


@api.route(f"{ONE}/contacts/<contact>", methods=["PUT"])
@api.arguments(ContactChangeSchema)
@api.response(200, ContactOutput)
@needs(EDIT)
def change_contact(values: dict[str, Any], area: str, uid: str, contact: str) -> Answer:
    """Change one; its kind stays."""
    subject = AREAS[area]
    with unless_changed(values) as version:
        contacts.change_point(g.actor, subject, uid, contact, version=version, **values)
    return tagged(contacts.point(g.actor, subject, uid, contact))


@api.route(f"{ONE}/contacts/<contact>", methods=["DELETE"])
@api.response(200, Removed)
@needs(EDIT)
def remove_contact(area: str, uid: str, contact: str) -> dict[str, Any]:
    """Remove one; it can be put back for a day."""
    return {"removed": contacts.remove_point(g.actor, AREAS[area], uid, contact)}


@api.route(f"{ONE}/contacts/<contact>/main", methods=["POST"])
@api.response(204)
@needs(EDIT)
def make_contact_main(area: str, uid: str, contact: str) -> None:
    """Let it be the main one; the main one becomes a further one."""
    contacts.make_main(g.actor, AREAS[area], uid, contact)


@api.route(f"{ONE}/addresses", methods=["GET"])
@api.response(200, Addresses)
@needs(READ_OWN)
def list_addresses(area: str, uid: str) -> dict[str, Any]:
    """The postal addresses; what one may not read of them is empty."""
    subject, row = _row(area, uid)
    return {"items": contacts.addresses(g.actor, subject, row["id"])}


@api.route(f"{ONE}/addresses", methods=["POST"])
@api.arguments(AddressSchema)
@api.response(201, AddressOutput)
@needs(EDIT)
def add_address(values: dict[str, Any], area: str, uid: str) -> Answer:
    """Add a postal address; the first one is the main one."""
    subject = AREAS[area]
    made = contacts.add_address(g.actor, subject, uid, **values)
    return tagged(contacts.address(g.actor, subject, uid, made), 201)


@api.route(f"{ONE}/addresses/<address>", methods=["PUT"])
@api.arguments(AddressChangeSchema)
@api.response(200, AddressOutput)
@needs(EDIT)
def change_address(values: dict[str, Any], area: str, uid: str, address: str) -> Answer:
    """Change one: what is not given is empty then."""
    subject = AREAS[area]
    with unless_changed(values) as version:
        contacts.change_address(g.actor, subject, uid, address, version=version, **values)
    return tagged(contacts.address(g.actor, subject, uid, address))


@api.route(f"{ONE}/addresses/<address>", methods=["DELETE"])
@api.response(200, Removed)
@needs(EDIT)
def remove_address(area: str, uid: str, address: str) -> dict[str, Any]:
    """Remove one; it can be put back for a day. After the main one the next is the main one."""
    return {"removed": contacts.remove_address(g.actor, AREAS[area], uid, address)}


@api.route(f"{ONE}/addresses/<address>/main", methods=["POST"])
@api.response(204)
@needs(EDIT)
def make_address_main(area: str, uid: str, address: str) -> None:
    """Let it be the main one."""
    contacts.make_main_address(g.actor, AREAS[area], uid, address)
