"""Public pages of people and of the site's rules, and the doors for newcomers: claim, invitation, trying the demo."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, needs
from ecrm_server.access.permission import ADMIN
from ecrm_server.content.cooked import as_markup
from ecrm_server.content.markdown import cook
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity import claim, demo, invitations, profiles, schemas
from ecrm_server.identity.actors import avatar_url
from ecrm_server.identity.limits import limited
from ecrm_server.identity.models import Account
from ecrm_server.identity.security import sign_in
from ecrm_server.settings.store import setting
from ecrm_server.web import forms
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("people", __name__)


@pages.get("/people/<reference>")
@needs(ANYONE)
def person(reference: str) -> str | Response:
    """The public page of a person."""
    found = profiles.find(reference)
    if found is None:
        raise NotFound()
    if found["handle"] != reference:
        return redirect(profiles.url(found["handle"]))
    return render_template("identity/person.html", person=found, picture=avatar_url(found["avatar"]))


@pages.get("/terms")
@needs(ANYONE)
def terms() -> str:
    """What people agree to."""
    return render_template("identity/text.html", title=_("Terms"), body=_cooked("identity.terms"))


@pages.get("/privacy")
@needs(ANYONE)
def privacy() -> str:
    """What is stored about people."""
    return render_template("identity/text.html", title=_("Privacy"), body=_cooked("identity.privacy"))


def _cooked(name: str) -> Markup:
    return as_markup(cook(setting(name)).html)


def closed_registration() -> str:
    """In place of the registration form where nobody may make an account."""
    return render_template("identity/closed.html", by_invitation=setting("identity.registration") == "invite")


@pages.route("/claim/<token>", methods=["GET", "POST"])
@needs(ANYONE)
@limited("20/hour", by="address")
def claim_site(token: str) -> Any:
    """Become the administrator: the first one, or in a demo."""
    if claim.was_used(request, token):
        return render_template("identity/claim_used.html"), 410
    claim.require_claimable(request, token)
    if request.method != "POST":
        return render_template("identity/claim.html", errors={}, values={})
    if g.actor.is_authenticated:
        claim.claim_for(token, Account.get_by_id(g.actor.account_id))
        sign_in(g.actor.account_id)
        return redirect("/admin")
    try:
        values = forms.load(schemas.NewAccountForm, request.form)
        account = claim.claim(token, **values)
    except Refusal as refusal:
        errors = refusal.errors or {"": [refusal.message]}
        return render_template("identity/claim.html", errors=errors, values=request.form), refusal.status
    sign_in(account.id, remember=True)
    flash(_("You are the administrator of this site."), "success")
    return redirect("/admin")


@pages.route("/invitation/<token>", methods=["GET", "POST"])
@needs(ANYONE)
@limited("20/hour", by="address")
def invitation(token: str) -> Any:
    """Make the account that somebody was invited to, or give what it brings to the account they have by now."""
    found = invitations.find(token)
    if g.actor.is_authenticated:
        return _invited_account(token, found)
    if request.method != "POST":
        return render_template("identity/invitation.html", invitation=found, errors={}, values={})
    try:
        values = forms.load(schemas.InvitedForm, request.form)
        del values["email"], values["consent"]
        account = invitations.accept(token, **values)
    except Refusal as refusal:
        errors = refusal.errors or {"": [refusal.message]}
        return (
            render_template("identity/invitation.html", invitation=found, errors=errors, values=request.form),
            refusal.status,
        )
    sign_in(account.id)
    return redirect("/")


def _invited_account(token: str, found: dict[str, Any]) -> Any:
    if request.method != "POST":
        fits = invitations.fits(found, g.actor)
        return render_template("identity/invitation_signed_in.html", invitation=found, fits=fits)
    invitations.accept_for(g.actor, token)
    flash(_("The invitation is used for your account."), "success")
    return redirect("/")


@pages.post("/try/<role>")
@needs(ANYONE)
def try_as(role: str) -> Response:
    """Sign in as one of the demo's people."""
    if not claim.try_as_available(request):
        abort(404)
    sign_in(demo.person(role).id)
    return redirect("/admin" if ADMIN in g.actor.roles else "/")
