"""Pages of customers (staff) and of organisations (staff, and members their own)."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.customers import (
    activities,
    claims,
    contact_views,
    contacts,
    duplicates,
    facts,
    forms,
    log_views,
    membership_views,
    memberships,
    merging,
    organisations,
    people,
    pieces,
    plan_views,
    plans,
    reading,
    record_form,
    removed,
    services,
    timeline,
    visibility,
)
from ecrm_server.customers.activities import KINDS as KIND_TITLES
from ecrm_server.customers.channels import CUSTOMER as CUSTOMER_CHANNEL
from ecrm_server.customers.channels import ORGANISATION as ORGANISATION_CHANNEL
from ecrm_server.customers.words import COUNTRY_NAMES
from ecrm_server.errors import Refusal
from ecrm_server.lists.page import list_page
from ecrm_server.realtime.store import position
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("customers", __name__)



@pages.get("/customers")
@needs("customers.read_own")
def index() -> ResponseReturnValue:
    """Every customer one sees, as a list."""
    return list_page("customers.customers", template="customers/list.html")


@pages.get("/customers/new")
@needs("customers.edit")
def new() -> str:
    """The form for a new customer."""
    return record_form.drawn(facts.CUSTOMER)


@pages.post("/customers/new")
@needs("customers.edit")
def create() -> Response | tuple[str, int]:
    """Make a customer."""
    try:
        uid = services.create(g.actor, **forms.submitted(facts.CUSTOMER, request.form))
    except Refusal as error:
        return record_form.drawn(facts.CUSTOMER, error=error), error.status
    return redirect(f"/customers/{uid}")


@pages.get("/customers/<uid>")
@needs("customers.read_own")
def customer(uid: str) -> str | Response:
    """A customer: facts, memberships, what parts add, the timeline. One that was merged leads to the one that stays."""
    row = services.get(g.actor, uid)
    if row["uid"] != uid:
        return redirect(f"/customers/{row['uid']}", 301)
    return render_template(
        "customers/customer.html",
        customer=row,
        since=position(CUSTOMER_CHANNEL.room(uid)),
        invitation=None if row["account_id"] else claims.open_invitation(row["id"]),
        **_beside(facts.CUSTOMER, row),
        **_timeline(facts.CUSTOMER, row),
    )


@pages.get("/customers/<uid>/timeline")
@needs("customers.read_own")
def entries(uid: str) -> str:
    """One page of the timeline as a fragment; the newest one when the page is told that it grew."""
    row = services.get(g.actor, uid)
    return render_template("customers/timeline.html", **_timeline(facts.CUSTOMER, row))


def _beside(subject: facts.Subject, row: dict[str, Any]) -> dict[str, Any]:
    """What the pages of customers and organisations have in common, beside the timeline."""
    shown, tags = forms.shown(g.actor, subject, row)
    pinned, tasks = activities.standing(g.actor, subject, row["id"])
    base, staff, item = f"{subject.url}/{row['uid']}", people.staff(g.actor), request.args.get("removed", "")
    return {
        "members": memberships.of(g.actor, subject, row["id"]),
        "role_names": dict(membership_views.roles()),
        "twins": duplicates.listed(g.actor, subject, of=row["id"], limit=3),
        "merges": merging.merges(g.actor, subject, row["id"]),
        "staff": staff,
        "log_form": log_views.log_form(subject, row, staff),
        "contact_form": contact_views.contact_form(base),
        "address_form": contact_views.address_form(base),
        "removed": item if removed.is_kept(subject, row["id"], item) else "",
        "shown": shown,
        "tags": tags,
        "pinned": pinned,
        "tasks": tasks,
        "points": contacts.points(g.actor, subject, row["id"]),
        "addresses": contacts.addresses(g.actor, subject, row["id"]),
        "country_names": COUNTRY_NAMES,
    }


def _timeline(subject: facts.Subject, row: dict[str, Any]) -> dict[str, Any]:
    before, only = request.args.get("before", type=int), request.args.get("kind", "")
    of = (
        {"account_id": row["account_id"], "customer_id": row["id"]}
        if subject is facts.CUSTOMER
        else {"organisation_id": row["id"]}
    )
    found, following = timeline.collect(g.actor, **of, before=before, only=only)
    return {
        "base": f"{subject.url}/{row['uid']}",
        "entries": found,
        "following": following,
        "before": before,
        "only": only,
        "kinds": _kinds(subject),
    }


def _kinds(subject: facts.Subject) -> list[tuple[str, str]]:
    """(key, label) of the timeline's filter: what staff log, then the parts that tell something."""
    own = [(f"customers.{kind}", gettext(title)) for kind, title in KIND_TITLES.items()]
    parts = timeline.parts() if subject is facts.CUSTOMER else []
    return own + [(name, gettext(title)) for name, title in parts if name != "customers"]


@pages.get("/customers/<uid>/edit")
@needs("customers.edit")
def edit(uid: str) -> str:
    """The form for the facts about a customer."""
    return record_form.drawn(facts.CUSTOMER, services.get(g.actor, uid))


@pages.post("/customers/<uid>/edit")
@needs("customers.edit")
def change(uid: str) -> Response | tuple[str, int]:
    """Change the facts."""
    return record_form.change(facts.CUSTOMER, uid)


@pages.get("/organisations")
@needs(SIGNED_IN)
def organisation_index() -> ResponseReturnValue:
    """The organisations one sees, as a list; to others those they belong to."""
    if visibility.sees_any(g.actor):
        return list_page("customers.organisations", template="customers/list.html")
    q = request.args.get("q", "")
    rows, cursor = organisations.page(g.actor, q=q, after=request.args.get("after", ""))
    return render_template("customers/organisations.html", rows=rows, cursor=cursor, q=q)


@pages.get("/organisations/new")
@needs("customers.edit")
def new_organisation() -> str:
    """The form for a new organisation."""
    return record_form.drawn(facts.ORGANISATION)


@pages.post("/organisations/new")
@needs("customers.edit")
def create_organisation() -> Response | tuple[str, int]:
    """Make an organisation."""
    try:
        uid = organisations.create(g.actor, **forms.submitted(facts.ORGANISATION, request.form))
    except Refusal as error:
        return record_form.drawn(facts.ORGANISATION, error=error), error.status
    return redirect(f"/organisations/{uid}")


@pages.get("/organisations/<uid>")
@needs(SIGNED_IN)
def organisation(uid: str) -> str | Response:
    """An organisation and its people; 404 for those who do not belong to it."""
    row = organisations.readable(g.actor, uid)
    if row["uid"] != uid:
        return redirect(f"/organisations/{row['uid']}", 301)
    more: dict[str, Any] = {}
    if row["full"]:
        beside = _beside(facts.ORGANISATION, row)
        more = {
            "plans": plans.listed(row["id"]),
            "plan_forms": plan_views.forms(f"/organisations/{uid}", beside["staff"]),
            "today": pieces.today(),
            "since": position(ORGANISATION_CHANNEL.room(uid)),
            **beside,
            **_timeline(facts.ORGANISATION, row),
        }
    else:
        more = {
            "members": organisations.members(g.actor, uid),
            "role_names": dict(membership_views.roles()),
        }
    return render_template("customers/organisation.html", organisation=row, **more)


@pages.get("/organisations/<uid>/timeline")
@needs("customers.read_own")
def organisation_entries(uid: str) -> str:
    """One page of an organisation's timeline as a fragment."""
    row = reading.organisation(g.actor, uid)
    return render_template("customers/timeline.html", **_timeline(facts.ORGANISATION, row))


@pages.get("/organisations/<uid>/edit")
@needs("customers.edit")
def edit_organisation(uid: str) -> str:
    """The form for the facts about an organisation."""
    return record_form.drawn(facts.ORGANISATION, reading.organisation(g.actor, uid))


@pages.post("/organisations/<uid>/edit")
@needs("customers.edit")
def change_organisation(uid: str) -> Response | tuple[str, int]:
    """Change the facts about an organisation."""
    return record_form.change(facts.ORGANISATION, uid)
