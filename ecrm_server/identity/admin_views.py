"""Administration of people: accounts and invitations."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_security.recoverable import send_reset_password_instructions
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.access import needs
from ecrm_server.access import services as access
from ecrm_server.errors import Refusal
from ecrm_server.identity import directory, invitations, schemas, services, sessions
from ecrm_server.identity.agents import device
from ecrm_server.identity.datastore import User
from ecrm_server.kernel import current
from ecrm_server.web import forms
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("people_admin", __name__, url_prefix="/admin")
MANAGE = "identity.manage_accounts"
INVITE = "identity.invite"
PER_PAGE = 50


@pages.get("/people")
@needs(MANAGE)
def people() -> str:
    """Accounts, the newest first, with a search and by role."""
    q, before = request.args.get("q", "").strip(), request.args.get("before", "")
    role = request.args.get("role", "")
    rows = directory.accounts(q, role, before=before, limit=PER_PAGE + 1)
    return render_template(
        "identity/admin_people.html",
        rows=rows[:PER_PAGE],
        q=q,
        role=role,
        titles={
            found["name"]: _(found["title"]) if found["built_in"] else found["title"]
            for found in _given_roles()
        },
        more=rows[PER_PAGE - 1]["uid"] if len(rows) > PER_PAGE else "",
        now=clock.now(),
    )


def _given_roles() -> list[dict[str, Any]]:
    """The roles that somebody gives to accounts; the others everybody has."""
    return [role for role in access.roles() if role["name"] not in ("everyone", "member")]


@pages.get("/people/<uid>")
@needs(MANAGE)
def account(uid: str) -> str:
    """One account: state, roles, sessions."""
    found = services.account_by_uid(uid)
    held = services.roles_of(found.id)
    return render_template(
        "identity/admin_account.html",
        account=found,
        profile=directory.profile_of(found.id),
        roles=_given_roles(),
        held=held,
        sessions=[row | {"device": device(row["agent"])} for row in sessions.listed(found.id)],
        now=clock.now(),
        forever=services.FOREVER,
    )


@pages.post("/people/<uid>/roles")
@needs("access.manage_roles")
def set_roles(uid: str) -> Response:
    """Give an account other roles; it is signed out."""
    found = services.account_by_uid(uid)
    services.set_roles(g.actor, found, forms.load(schemas.RolesForm, request.form)["roles"])
    return _back(uid, _("The roles are saved."))


@pages.post("/people/<uid>/suspend")
@needs(MANAGE)
def suspend(uid: str) -> Response:
    """Suspend an account."""
    values = forms.load(schemas.SuspendForm, request.form)
    until = clock.now() + values["days"] * clock.DAY if values["days"] else None
    services.suspend(g.actor, services.account_by_uid(uid), until=until, reason=values["reason"])
    return _back(uid, _("The account is suspended and signed out."))


@pages.post("/people/<uid>/restore")
@needs(MANAGE)
def restore(uid: str) -> Response:
    """End a suspension."""
    services.restore(g.actor, services.account_by_uid(uid))
    return _back(uid, _("The suspension is over."))


@pages.post("/people/<uid>/sign-out")
@needs(MANAGE)
def sign_out(uid: str) -> Response:
    """End every session of an account."""
    services.sign_out(g.actor, services.account_by_uid(uid))
    return _back(uid, _("Signed out everywhere."))


@pages.post("/people/<uid>/recovery")
@needs(MANAGE)
def send_recovery(uid: str) -> Response:
    """Mail the link for a new password to the account's own address."""
    found = services.account_by_uid(uid)
    send_reset_password_instructions(User.get_by_id(found.id))
    return _back(uid, _sent(_("The link is on its way.")))


def _sent(sentence: str) -> str:
    """What is said of a mail: that it is on its way, or where it waits."""
    if current.generation().config.smtp_url:
        return sentence
    return _("This site sends no mail yet. Copy the link from the mail in the outbox and pass it on.")


def _back(uid: str, message: str) -> Response:
    flash(message, "success")
    return redirect(f"/admin/people/{uid}")


@pages.get("/invitations")
@needs(INVITE)
def invited() -> str:
    """Invitations, the newest first."""
    return _invitations_page({})


def _invitations_page(errors: dict[str, list[str]]) -> str:
    own = g.actor.roles
    may_all = "admin" in own
    offered = [
        role
        for role in access.roles()
        if role["name"] not in ("everyone", "member") and (may_all or role["name"] in own)
    ]
    return render_template(
        "identity/admin_invitations.html",
        rows=invitations.listed(),
        roles=offered,
        errors=errors,
        now=clock.now(),
    )


@pages.post("/invitations")
@needs(INVITE)
def invite() -> Any:
    """Invite somebody by mail."""
    from ecrm_server.notices import mail

    try:
        values = forms.load(schemas.InvitationForm, request.form)
        token = invitations.invite(g.actor, values["email"], values["roles"])
    except Refusal as refusal:
        return _invitations_page(refusal.errors or {"": [refusal.message]}), refusal.status
    generation = current.generation()
    site = generation.settings.get("web.site_name", "eCRM Server")
    text = _(
        "%(name)s invites you to %(site)s. Open this link to make your account; it works for two weeks:",
        name=g.actor.name,
        site=site,
    )
    link = f"{generation.config.base_url}/invitation/{token}"
    mail.send(
        values["email"],
        _("Invitation to %(site)s", site=site),
        f"{text}\n\n{link}\n",
        kind="identity.invitation",
    )
    flash(_sent(_("The invitation is on its way.")), "success")
    return redirect("/admin/invitations")


@pages.post("/invitations/<uid>/withdraw")
@needs(INVITE)
def withdraw(uid: str) -> Response:
    """Let an open invitation end."""
    invitations.withdraw(g.actor, uid)
    flash(_("The invitation is withdrawn."), "success")
    return redirect("/admin/invitations")
