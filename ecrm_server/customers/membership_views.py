"""Memberships on the pages of customers and organisations: added by a search, changed in place, ended and put back."""

from __future__ import annotations

from flask import g, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.customers import memberships, organisations, pieces, reading
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.pieces import AREA, Answer, Form, base_of, subject_of
from ecrm_server.customers.schemas import ROLE_NAMES, MembershipSchema, RoleSchema
from ecrm_server.errors import Refusal
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_memberships", __name__)


def roles() -> list[tuple[str, str]]:
    """(role, title) of each."""
    return [(role, gettext(title)) for role, title in zip(ROLES, ROLE_NAMES, strict=True)]


def _sides(area: str, uid: str, other: str) -> tuple[str, str]:
    """Organisation and customer, by the page that is open and the other side."""
    return (other, uid) if subject_of(area) is CUSTOMER else (uid, other)


@pages.get(f"{AREA}/memberships/new")
@needs("customers.edit")
def find(area: str, uid: str) -> str:
    """Find somebody, or an organisation, to be added: a page, or what is found alone for the page that is open."""
    return _finding(area, uid, request.args.get("q", ""))


def _finding(area: str, uid: str, q: str, error: Refusal | None = None) -> str:
    subject = subject_of(area)
    found = memberships.found(g.actor, subject, uid, q[:160])
    alone = pieces.is_piece() or request.headers.get("HX-Request")
    return render_template(
        "customers/_found.html" if alone else "customers/join.html",
        row=reading.one(g.actor, subject, uid), subject=subject, base=base_of(area, uid), q=q, roles=roles(),
        found=found[: memberships.FOUND], more=len(found) > memberships.FOUND, error=error,
    )  # fmt: skip


@pages.post(f"{AREA}/memberships")
@needs("customers.edit")
def add(area: str, uid: str) -> Answer:
    """Let a customer belong to an organisation."""

    def act() -> None:
        values = load(MembershipSchema, request.form)
        organisations.add_member(g.actor, *_sides(area, uid, values["other"]), values["role"])

    return pieces.attempt(
        act, lambda error: _finding(area, uid, "", error), base_of(area, uid), gettext("Added.")
    )


def _form(area: str, uid: str, other: str, error: Refusal | None = None) -> str:
    base, sides = base_of(area, uid), _sides(area, uid, other)
    known = memberships.one(g.actor, *sides)
    firm, person = reading.organisation(g.actor, sides[0]), reading.customer(g.actor, sides[1])
    form = Form(
        name="membership", title=gettext("Change the role"), url=f"{base}/memberships/{other}/edit", back=base,
        id=other, values={"role": known["role"]},
        labels={"role": gettext("Role of %(name)s at %(firm)s", name=person["name"], firm=firm["name"])},
        choices={"role": roles()},
    )  # fmt: skip
    return pieces.drawn(form, error)


@pages.get(f"{AREA}/memberships/<other>/edit")
@needs("customers.edit")
def edit(area: str, uid: str, other: str) -> str:
    """The form for the role of a member."""
    return _form(area, uid, other)


@pages.post(f"{AREA}/memberships/<other>/edit")
@needs("customers.edit")
def change(area: str, uid: str, other: str) -> Answer:
    """Give a member another role."""
    return pieces.attempt(
        lambda: memberships.change_role(
            g.actor, *_sides(area, uid, other), load(RoleSchema, request.form)["role"]
        ),
        lambda error: _form(area, uid, other, error),
        base_of(area, uid),
    )


@pages.post(f"{AREA}/memberships/<other>/main")
@needs("customers.edit")
def main(area: str, uid: str, other: str) -> Response:
    """Let this be the organisation that the person mainly acts for."""
    memberships.make_main(g.actor, *_sides(area, uid, other))
    return pieces.done(base_of(area, uid), gettext("Saved."))


@pages.post(f"{AREA}/memberships/<other>/end")
@needs("customers.edit")
def end(area: str, uid: str, other: str) -> Response:
    """End a membership."""
    kept = memberships.end(g.actor, subject_of(area), *_sides(area, uid, other))
    return pieces.done(base_of(area, uid), gettext("Removed."), removed=kept)
