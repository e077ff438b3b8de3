"""The account area: profile, preferences, sign-in and security, API keys, deletion."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, SIGNED_IN, needs, own_eyes
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity import apikeys, profiles, schemas, services, sessions, viewing, zones
from ecrm_server.identity.agents import device
from ecrm_server.identity.limits import limited
from ecrm_server.identity.models import Account
from ecrm_server.identity.security import require_fresh
from ecrm_server.identity.session import browser_session
from ecrm_server.kernel import current
from ecrm_server.storage import services as files
from ecrm_server.storage.kind import PUBLIC
from ecrm_server.web import forms, i18n
from ecrm_server.web.app import current_app
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("account", __name__)


@pages.get("/me")
@needs(SIGNED_IN)
def profile() -> str:
    """Name, handle and how the site looks."""
    return _profile_page({})


@pages.get("/account")
@needs(ANYONE)
def account() -> Response:
    """The older address of the account area."""
    return redirect("/me")


def _profile_page(errors: dict[str, list[str]]) -> str:
    mine = profiles.by_account(g.actor.account_id)
    values = {
        **(mine or {}),
        **{name: request.form[name] for name in ("name", "handle") if name in request.form},
    }
    languages = [("", _("The browser's choice"))]
    languages += [(code, language.name) for code, language in i18n.enabled(current_app()).items()]
    return render_template(
        "identity/me.html",
        mine=mine,
        fields=forms.describe(schemas.ProfileForm, values, errors),
        errors=errors,
        languages=languages,
        zones=[("", _("UTC")), *((zone, zone.replace("_", " ")) for zone in zones.names())],
    )


@pages.post("/me")
@needs(SIGNED_IN)
@limited("30/hour")
def save_profile() -> Response | tuple[str, int]:
    """Save name and handle."""
    try:
        values = forms.load(schemas.ProfileForm, request.form)
        profiles.change(g.actor, name=values["name"], handle=values["handle"])
    except Refusal as refusal:
        return _profile_page(refusal.errors or {"": [refusal.message]}), refusal.status
    flash(_("Saved."), "success")
    return redirect("/me")


@pages.post("/me/picture")
@needs(SIGNED_IN)
@limited("20/hour")
def save_picture() -> Response:
    """Use an uploaded picture, or initials again."""
    before = g.actor.avatar_url
    if request.form.get("remove"):
        profiles.set_avatar(g.actor, None)
    else:
        upload = request.files.get("picture")
        if upload is None or not upload.filename:
            raise Refusal(_("Choose a picture first."), field="picture")
        kept = files.save_image(
            g.actor,
            upload.read(),
            name="picture",
            attach_kind=PUBLIC,
            attach_uid=g.actor.uid,
            longest_side=320,
        )
        profiles.set_avatar(g.actor, kept["url"].rpartition("/")[2])
    if before:
        files.delete(before.rpartition("/")[2].partition(".")[0])
    flash(_("Saved."), "success")
    return redirect("/me")


@pages.post("/me/preferences")
@needs(SIGNED_IN)
def save_preferences() -> Response:
    """Save language, time zone, theme and density."""
    values = forms.load(schemas.PreferencesForm, request.form)
    if values["locale"] and values["locale"] not in i18n.enabled(current_app()):
        raise Refusal(_("This language is not available."), field="locale")
    if values["timezone"] and values["timezone"] not in zones.names():
        raise Refusal(_("This time zone is not known."), field="timezone")
    services.set_preferences(g.actor, **values)
    flash(_("Saved."), "success")
    return redirect("/me")


@pages.get("/me/security")
@needs(SIGNED_IN)
@own_eyes
def security() -> str:
    """Password, one-time codes, sessions, and who of the staff saw the site as oneself."""
    mine = Account.get_by_id(g.actor.account_id)
    rows = [row | {"device": device(row["agent"])} for row in sessions.listed(mine.id)]
    return render_template(
        "identity/security.html",
        account=mine,
        sessions=rows,
        own=g.actor.session_key,
        looks=viewing.history(mine.uid),
    )


@pages.post("/me/sessions/<uid>/revoke")
@needs(SIGNED_IN)
def revoke_session(uid: str) -> Response:
    """Sign one browser out."""
    key_hash = sessions.key_hash_of(uid, g.actor.account_id)
    if key_hash is None:
        raise NotFound()
    sessions.revoke(key_hash, "revoked")
    flash(_("Signed out there."), "success")
    return redirect("/me/security")


@pages.post("/me/sessions/revoke-others")
@needs(SIGNED_IN)
def revoke_others() -> Response:
    """Sign every other browser out."""
    count = sessions.revoke_all(
        g.actor.account_id, except_=g.actor.session_key, reason="revoked", actor_id=g.actor.account_id
    )
    flash(_("Signed out elsewhere: %(num)d.", num=count), "success")
    return redirect("/me/security")


@pages.get("/me/api-keys")
@needs(SIGNED_IN)
@own_eyes
def api_keys() -> str:
    """Keys for programs."""
    return _keys_page()


def _keys_page(made: str = "", errors: dict[str, list[str]] | None = None) -> str:
    registry = current.generation().registry
    held = [permission for name, permission in registry.permissions.items() if g.actor.may(name)]
    return render_template(
        "identity/api_keys.html",
        keys=apikeys.listed(g.actor.account_id),
        permissions=sorted(held, key=lambda permission: permission.name),
        made=made,
        errors=errors or {},
        chosen=request.form.getlist("scopes"),
    )


@pages.post("/me/api-keys")
@needs(SIGNED_IN)
@limited("20/hour")
def create_api_key() -> Any:
    """Make a key and show it once."""
    stale = require_fresh()
    if stale is not None:
        return stale
    try:
        values = forms.load(schemas.ApiKeyForm, request.form)
        made = apikeys.create(g.actor, values["name"], values["scopes"], days=values["days"])
    except Refusal as refusal:
        return _keys_page(errors=refusal.errors or {"": [refusal.message]}), refusal.status
    return _keys_page(made)


@pages.post("/me/api-keys/<uid>/revoke")
@needs(SIGNED_IN)
def revoke_api_key(uid: str) -> Response:
    """End a key."""
    apikeys.revoke(g.actor, uid)
    flash(_("The key is revoked."), "success")
    return redirect("/me/api-keys")


@pages.get("/me/delete")
@needs(SIGNED_IN)
@own_eyes
def ask_delete() -> Any:
    """What deleting means, and the form for it."""
    return require_fresh() or render_template("identity/delete.html", errors={})


@pages.post("/me/delete")
@needs(SIGNED_IN)
@limited("5/hour")
def delete() -> Any:
    """Delete the account of whoever typed their handle."""
    stale = require_fresh()
    if stale is not None:
        return stale
    mine = profiles.by_account(g.actor.account_id)
    assert mine is not None
    if request.form.get("handle", "").strip().lstrip("@") != mine["handle"]:
        errors = {"handle": [_("Type your handle to delete the account.")]}
        return render_template("identity/delete.html", errors=errors), 422
    from ecrm_server.privacy import services as privacy

    privacy.erase(g.actor.account_id, g.actor)
    browser_session().sign_out()
    flash(_("Your account is deleted."), "success")
    return redirect("/")
