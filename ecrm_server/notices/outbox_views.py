"""The outbox in the administration."""

from __future__ import annotations

from flask import Response, flash, g, redirect, render_template, request
from flask_babel import gettext, ngettext

from ecrm_server.access import needs
from ecrm_server.errors import NotFound
from ecrm_server.notices import outbox
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("outbox", __name__)

# A mail is shown as what it is: foreign markup, which may run nothing, load nothing and submit nothing.
_SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
    "X-Frame-Options": "SAMEORIGIN",
}


@pages.get("/admin/outbox")
@needs("notices.manage_mail")
def index() -> str:
    """Mails, newest first, by state."""
    state, before = request.args.get("state", ""), request.args.get("before", "")
    rows, following = outbox.page(state=state, before=int(before) if before.isdecimal() else outbox.NEWEST)
    return render_template(
        "notices/outbox.html",
        rows=rows,
        next=following,
        before=before,
        state=state,
        states=outbox.STATES,
        counts=outbox.open_counts(),
        can_send=outbox.can_send(),
    )


@pages.get("/admin/outbox/<uid>")
@needs("notices.manage_mail")
def detail(uid: str) -> str:
    """One mail as it would look."""
    return render_template("notices/mail_page.html", mail=outbox.get(uid), can_send=outbox.can_send())


@pages.get("/admin/outbox/<uid>/html")
@needs("notices.manage_mail")
def html(uid: str) -> Response:
    """The HTML part alone, for the frame on the mail's page."""
    body = outbox.get(uid)["html"]
    if not body:
        raise NotFound()
    return Response(body, mimetype="text/html", headers=_SANDBOX)


@pages.post("/admin/outbox/<uid>/send")
@needs("notices.manage_mail")
def send(uid: str) -> Response:
    """Send one mail now."""
    outbox.send(uid, g.actor)
    flash(gettext("The mail is being sent."), "success")
    return redirect(f"/admin/outbox/{uid}")  # type: ignore[return-value]


@pages.post("/admin/outbox/send")
@needs("notices.manage_mail")
def send_held() -> Response:
    """Send what was held back."""
    number = outbox.send_held(g.actor)
    flash(ngettext("%(num)d mail is being sent.", "%(num)d mails are being sent.", number), "success")
    return redirect("/admin/outbox")  # type: ignore[return-value]
