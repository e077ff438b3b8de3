"""The first-run wizard: name and logo, colour, features, mail, done. Every step can be skipped; it can be run again."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.admin import look, permissions, services
from ecrm_server.errors import Refusal
from ecrm_server.identity.models import Account
from ecrm_server.kernel import current, plugins
from ecrm_server.notices import mail
from ecrm_server.web import forms
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.swap import settle

pages = CoreBlueprint("setup", __name__, url_prefix="/admin/setup")

STEPS = ("name", "look", "features", "mail", "done")
FIELDS = {"name": ("site_name", "tagline", "logo_url"), "look": ("accent", "theme")}


@pages.get("")
@needs(permissions.SETTINGS)
def start() -> Response:
    """The first step."""
    return redirect(f"/admin/setup/{STEPS[0]}")


@pages.route("/<step>", methods=["GET", "POST"])
@needs(permissions.SETTINGS)
def page(step: str) -> Response | str:
    """One step of the wizard."""
    if step not in STEPS:
        return redirect("/admin/setup/name")
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            if request.form.get("test") and step == "mail":
                _test_mail()
                return redirect(request.path, 303)
            _save(step)
            following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
            return redirect("/admin" if step == "done" else f"/admin/setup/{following}", 303)
        except Refusal as refusal:
            errors = refusal.errors
    generation = current.generation()
    values = {**services.values_of("web"), **request.form.to_dict()}
    body = render_template(
        "admin/setup.html",
        step=step,
        steps=STEPS,
        number=STEPS.index(step),
        fields=[
            item
            for item in forms.describe(services.schema_of("web"), values, errors)
            if item["name"] in FIELDS.get(step, ())
        ],
        errors=errors,
        overview=plugins.overview(generation.config),
        themes=look.themes(),
        mail_is_set=bool(generation.config.smtp_url),
        mailbox_is_set=bool(generation.config.imap_url),
        settings_file=generation.config.instance / "ecrm.toml",
        last=STEPS[max(STEPS.index(step) - 1, 0)],
    )
    return Response(body, 422 if errors else 200, mimetype="text/html")


def _save(step: str) -> None:
    if request.form.get("skip") and step != "done":
        return
    if step in FIELDS:
        form = look.with_uploads(g.actor, request.form, request.files)
        given = {name: form.get(name, "").strip() for name in FIELDS[step] if name in form}
        services.save_settings(g.actor, "web", {**services.values_of("web"), **given})
        settle()
    elif step == "features":
        _choose(set(request.form.getlist("plugin")))
    elif step == "done":
        services.finish_setup(g.actor)
        flash(_("The site is set up."), "success")


def _test_mail() -> None:
    address = Account.get_by_id(g.actor.account_id).email
    site = services.values_of("web")["site_name"]
    text = _("%(site)s sends mail: here is one.", site=site)
    mail.send(address, _("Test mail of %(site)s", site=site), text, kind="admin.test_mail")
    flash(
        _("A mail to %(address)s is written. The outbox tells whether the mail server took it.", address=address),
        "success",
    )


def _choose(wanted: set[str]) -> None:
    for row in plugins.overview(current.generation().config):
        name = row["manifest"].name
        if name in wanted and not row["enabled"]:
            services.enable(g.actor, name)
        elif name not in wanted and row["enabled"]:
            services.disable(g.actor, name)
    settle()
