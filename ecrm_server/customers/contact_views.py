"""Further e-mail addresses, phones and postal addresses on the page of a customer or organisation."""

from __future__ import annotations

from flask import g, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import contacts, forms, pieces
from ecrm_server.customers.pieces import AREA, Answer, Form, base_of, subject_of
from ecrm_server.customers.schemas import (
    AddressChangeSchema,
    AddressSchema,
    ContactChangeSchema,
    ContactSchema,
)
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_contacts", __name__)
_ADDRESS = ("label", "street", "postcode", "city", "region", "country")


@pages.post(f"{AREA}/contacts")
@needs("customers.edit")
def add_contact(area: str, uid: str) -> Answer:
    """Add a further e-mail address or phone."""
    subject, base = subject_of(area), base_of(area, uid)
    return pieces.attempt(
        lambda: contacts.add_point(g.actor, subject, uid, **load(ContactSchema, request.form)),
        lambda error: pieces.drawn(contact_form(base), error),
        base,
    )


def contact_form(base: str) -> Form:
    """The form for a further e-mail address or phone."""
    kinds = [("email", gettext("E-mail")), ("phone", gettext("Phone"))]
    return Form(
        name="contact", title=gettext("Add e-mail or phone"), url=f"{base}/contacts", back=base, id="new-contact",
        values={"kind": "email", "value": "", "label": ""}, choices={"kind": kinds},
    )  # fmt: skip


def _point_form(area: str, uid: str, point: str, error: Refusal | None = None) -> str:
    subject, base = subject_of(area), base_of(area, uid)
    row = contacts.point(g.actor, subject, uid, point)
    form = Form(
        name="contact", title=gettext("Change %(value)s", value=row["value"]), url=f"{base}/contacts/{point}/edit",
        back=base, about=(subject.name, uid), id=point, version=row["version"],
        values={"value": row["value"], "label": row["label"]},
        labels={"value": gettext("Address or number"), "label": gettext("Label")},
    )  # fmt: skip
    return pieces.drawn(form, error)


@pages.get(f"{AREA}/contacts/<point>/edit")
@needs("customers.edit")
def edit_contact(area: str, uid: str, point: str) -> str:
    """The form for a further e-mail address or phone."""
    return _point_form(area, uid, point)


@pages.post(f"{AREA}/contacts/<point>/edit")
@needs("customers.edit")
def save_contact(area: str, uid: str, point: str) -> Answer:
    """Change a further e-mail address or phone."""
    return pieces.attempt(
        lambda: contacts.change_point(
            g.actor, subject_of(area), uid, point, **load(ContactChangeSchema, request.form)
        ),
        lambda error: _point_form(area, uid, point, error),
        base_of(area, uid),
    )


@pages.post(f"{AREA}/contacts/<point>/<verb>")
@needs("customers.edit")
def change_contact(area: str, uid: str, point: str, verb: str) -> Response:
    """Remove a further e-mail address or phone, or make it the main one."""
    what = (g.actor, subject_of(area), uid, point)
    if verb == "remove":
        return pieces.done(base_of(area, uid), gettext("Removed."), removed=contacts.remove_point(*what))
    if verb == "main":
        contacts.make_main(*what)
        return pieces.done(base_of(area, uid), gettext("Saved."))
    raise NotFound()


@pages.post(f"{AREA}/addresses")
@needs("customers.edit")
def add_address(area: str, uid: str) -> Answer:
    """Add a postal address."""
    subject, base = subject_of(area), base_of(area, uid)
    return pieces.attempt(
        lambda: contacts.add_address(g.actor, subject, uid, **load(AddressSchema, request.form)),
        lambda error: pieces.drawn(address_form(base), error),
        base,
    )


def address_form(base: str) -> Form:
    """The form for a postal address."""
    return Form(
        name="address", title=gettext("Add address"), url=f"{base}/addresses", back=base, id="new-address",
        values=dict.fromkeys(_ADDRESS, ""), choices=_countries(),
    )  # fmt: skip


def _countries() -> dict[str, list[tuple[str, str]]]:
    return {"country": [("", ""), *forms.countries()]}


def _address_form(area: str, uid: str, address: str, error: Refusal | None = None) -> str:
    subject, base = subject_of(area), base_of(area, uid)
    row = contacts.address(g.actor, subject, uid, address)
    titles = [gettext(name.capitalize()) for name in _ADDRESS]
    form = Form(
        name="address", title=gettext("Change address"), url=f"{base}/addresses/{address}/edit", back=base, id=address,
        about=(subject.name, uid), version=row["version"], values={name: row[name] for name in _ADDRESS},
        labels=dict(zip(_ADDRESS, titles, strict=True)), choices=_countries(),
    )  # fmt: skip
    return pieces.drawn(form, error)


@pages.get(f"{AREA}/addresses/<address>/edit")
@needs("customers.edit")
def edit_address(area: str, uid: str, address: str) -> str:
    """The form for a postal address."""
    return _address_form(area, uid, address)


@pages.post(f"{AREA}/addresses/<address>/edit")
@needs("customers.edit")
def save_address(area: str, uid: str, address: str) -> Answer:
    """Change a postal address."""
    return pieces.attempt(
        lambda: contacts.change_address(
            g.actor, subject_of(area), uid, address, **load(AddressChangeSchema, request.form)
        ),
        lambda error: _address_form(area, uid, address, error),
        base_of(area, uid),
    )


@pages.post(f"{AREA}/addresses/<address>/<verb>")
@needs("customers.edit")
def change_address(area: str, uid: str, address: str, verb: str) -> Response:
    """Remove a postal address, or make it the main one."""
    what = (g.actor, subject_of(area), uid, address)
    if verb == "remove":
        return pieces.done(base_of(area, uid), gettext("Removed."), removed=contacts.remove_address(*what))
    if verb == "main":
        contacts.make_main_address(*what)
        return pieces.done(base_of(area, uid), gettext("Saved."))
    raise NotFound()
