"""What is added to the page of a customer or organisation: logged things, contact points, addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import flash, g, redirect, request
from flask_babel import get_timezone, gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import activities, claims, contacts
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.schemas import ActivitySchema, AddressSchema, ContactSchema
from ecrm_server.errors import NotFound
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_log", __name__)
_AREA = "/<any(customers, organisations):area>/<uid>"


def _subject(area: str) -> Subject:
    return CUSTOMER if area == "customers" else ORGANISATION


def _back(area: str, uid: str) -> Response:
    return redirect(f"/{area}/{uid}")


def _do(verbs: dict[str, Callable[[], object]], verb: str) -> None:
    if verb not in verbs:
        raise NotFound()
    verbs[verb]()


def _with_zone(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The times of a form as the visitor's clock shows them, in UTC."""
    values = MultiDict(form)
    for name in ("at", "due_at"):
        try:
            local = datetime.fromisoformat(values.get(name, ""))
        except ValueError:
            continue
        values[name] = local.replace(tzinfo=local.tzinfo or get_timezone()).isoformat()
    return values


@pages.post("/customers/<uid>/invite")
@needs(claims.INVITE)
def invite(uid: str) -> Response:
    """Mail a link with which the customer makes an account."""
    claims.invite(g.actor, uid, request.form.get("email", ""))
    flash(gettext("The invitation is on its way."), "success")
    return _back("customers", uid)


@pages.post(f"{_AREA}/activities")
@needs("customers.edit")
def log(area: str, uid: str) -> Response:
    """Log a note, call, meeting or task; send a mail."""
    wanted = activities.Wanted(**load(ActivitySchema, _with_zone(request.form)))
    activities.log(g.actor, _subject(area), uid, wanted)
    return _back(area, uid)


@pages.post(f"{_AREA}/activities/<activity>/<verb>")
@needs("customers.edit")
def change_activity(area: str, uid: str, activity: str, verb: str) -> Response:
    """Pin, finish or delete what was logged."""
    what = (g.actor, _subject(area), uid, activity)
    _do(
        {
            "pin": lambda: activities.pin(*what, True),
            "unpin": lambda: activities.pin(*what, False),
            "done": lambda: activities.finish(*what, True),
            "reopen": lambda: activities.finish(*what, False),
            "delete": lambda: activities.delete(*what),
        },
        verb,
    )
    return _back(area, uid)


@pages.post(f"{_AREA}/contacts")
@needs("customers.edit")
def add_contact(area: str, uid: str) -> Response:
    """Add a further e-mail address or phone."""
    contacts.add_point(g.actor, _subject(area), uid, **load(ContactSchema, request.form))
    return _back(area, uid)


@pages.post(f"{_AREA}/contacts/<point>/<verb>")
@needs("customers.edit")
def change_contact(area: str, uid: str, point: str, verb: str) -> Response:
    """Remove a further e-mail address or phone, or make it the main one."""
    what = (g.actor, _subject(area), uid, point)
    _do({"remove": lambda: contacts.remove_point(*what), "main": lambda: contacts.make_main(*what)}, verb)
    return _back(area, uid)


@pages.post(f"{_AREA}/addresses")
@needs("customers.edit")
def add_address(area: str, uid: str) -> Response:
    """Add a postal address."""
    contacts.add_address(g.actor, _subject(area), uid, **load(AddressSchema, request.form))
    return _back(area, uid)


@pages.post(f"{_AREA}/addresses/<address>/<verb>")
@needs("customers.edit")
def change_address(area: str, uid: str, address: str, verb: str) -> Response:
    """Remove a postal address, or make it the main one."""
    what = (g.actor, _subject(area), uid, address)
    _do(
        {
            "remove": lambda: contacts.remove_address(*what),
            "main": lambda: contacts.make_main_address(*what),
        },
        verb,
    )
    return _back(area, uid)
