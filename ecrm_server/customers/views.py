"""Pages of customers (staff) and of organisations (staff, and members their own)."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.customers import facts, forms, organisations, services, timeline
from ecrm_server.customers.channels import CUSTOMER
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.schemas import ROLE_NAMES, MembershipSchema
from ecrm_server.errors import Refusal
from ecrm_server.realtime.store import position
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customers", __name__)

_ROLES = list(zip(ROLES, ROLE_NAMES, strict=True))


@pages.get("/customers")
@needs("customers.read_own")
def index() -> str:
    """Customers by name."""
    q = request.args.get("q", "")
    rows, cursor = services.page(g.actor, q=q, after=request.args.get("after", ""))
    return render_template("customers/index.html", rows=rows, cursor=cursor, q=q)


@pages.get("/customers/new")
@needs("customers.edit")
def new() -> str:
    """The form for a new customer."""
    return _form()


@pages.post("/customers/new")
@needs("customers.edit")
def create() -> Response | tuple[str, int]:
    """Make a customer."""
    try:
        uid = services.create(g.actor, **forms.submitted(facts.CUSTOMER, request.form))
    except Refusal as error:
        return _form(error=error), error.status
    return redirect(f"/customers/{uid}")


@pages.get("/customers/<uid>")
@needs("customers.read_own")
def customer(uid: str) -> str:
    """A customer: facts, memberships, what parts add, the timeline."""
    row = services.get(g.actor, uid)
    since = position(CUSTOMER.room(uid))
    return render_template(
        "customers/customer.html",
        customer=row,
        memberships=organisations.of_customer(row["id"]),
        choices=organisations.page(g.actor)[0],
        roles=_ROLES,
        since=since,
        **_timeline(row),
    )


@pages.get("/customers/<uid>/timeline")
@needs("customers.read_own")
def entries(uid: str) -> str:
    """One page of the timeline as a fragment; the newest one when the page is told that it grew."""
    row = services.get(g.actor, uid)
    return render_template("customers/timeline.html", customer=row, **_timeline(row))


def _timeline(row: dict[str, Any]) -> dict[str, Any]:
    before = request.args.get("before", type=int)
    found, following = timeline.collect(
        g.actor, account_id=row["account_id"], customer_id=row["id"], before=before
    )
    return {"entries": found, "following": following, "before": before}


@pages.get("/customers/<uid>/edit")
@needs("customers.edit")
def edit(uid: str) -> str:
    """The form for the facts about a customer."""
    return _form(services.get(g.actor, uid))


@pages.post("/customers/<uid>/edit")
@needs("customers.edit")
def change(uid: str) -> Response | tuple[str, int]:
    """Change the facts."""
    try:
        services.change(g.actor, uid, **forms.submitted(facts.CUSTOMER, request.form))
    except Refusal as error:
        return _form(services.get(g.actor, uid), error), error.status
    flash(gettext("Saved."), "success")
    return redirect(f"/customers/{uid}")


def _form(row: dict[str, Any] | None = None, error: Refusal | None = None) -> str:
    groups = forms.drawn(g.actor, facts.CUSTOMER, row, request.form)
    return render_template(
        "customers/form.html", row=row, subject=facts.CUSTOMER, groups=groups, error=error, form=request.form,
        labels=forms.labels(groups),
    )  # fmt: skip


@pages.post("/customers/<uid>/memberships")
@needs("customers.edit")
def join(uid: str) -> Response:
    """Let a customer belong to an organisation."""
    values = load(MembershipSchema, request.form)
    organisations.add_member(g.actor, values["organisation"], uid, values["role"])
    return redirect(f"/customers/{uid}")


@pages.post("/customers/<uid>/memberships/<organisation>/end")
@needs("customers.edit")
def leave(uid: str, organisation: str) -> Response:
    """End a membership."""
    organisations.remove_member(g.actor, organisation, uid)
    return redirect(f"/customers/{uid}")


@pages.get("/organisations")
@needs(SIGNED_IN)
def organisation_index() -> str:
    """The organisations one belongs to; all of them for staff."""
    q = request.args.get("q", "")
    rows, cursor = organisations.page(g.actor, q=q, after=request.args.get("after", ""))
    return render_template(
        "customers/organisations.html",
        rows=rows,
        cursor=cursor,
        q=q,
        kinds=list(facts.KIND_NAMES.items()),
        form=request.form,
    )


@pages.post("/organisations")
@needs("customers.edit")
def create_organisation() -> Response:
    """Make an organisation."""
    values = forms.submitted(facts.ORGANISATION, request.form)
    return redirect(f"/organisations/{organisations.create(g.actor, **values)}")


@pages.get("/organisations/<uid>")
@needs(SIGNED_IN)
def organisation(uid: str) -> str:
    """An organisation and its people; 404 for those who do not belong to it."""
    row = organisations.readable(g.actor, uid)
    return render_template(
        "customers/organisation.html",
        organisation=row,
        members=organisations.members(g.actor, uid),
        kinds=list(facts.KIND_NAMES.items()),
        roles=dict(_ROLES),
    )


@pages.post("/organisations/<uid>")
@needs("customers.edit")
def change_organisation(uid: str) -> Response:
    """Change an organisation's name or kind."""
    organisations.change(g.actor, uid, **forms.submitted(facts.ORGANISATION, request.form))
    flash(gettext("Saved."), "success")
    return redirect(f"/organisations/{uid}")
