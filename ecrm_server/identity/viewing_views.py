"""Beginning and ending to see the site as somebody else."""

from __future__ import annotations

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.errors import Forbidden, Refusal
from ecrm_server.identity import services, viewing
from ecrm_server.identity.limits import limited
from ecrm_server.identity.session import browser_session
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.paths import own_page

pages = CoreBlueprint("view_as", __name__, url_prefix="/view-as")
_CAME_FROM = "viewing_from"


@pages.post("/<uid>")
@needs(viewing.PERMISSION)
@limited("60/hour")
def begin(uid: str) -> Response:
    """See the site as an account; afterwards one comes back to the page (``next``) on which it began."""
    account = services.account_by_uid(uid)
    came_from = own_page(request.form.get("next", ""))
    try:
        viewing.begin(g.actor, account)
    except Refusal as refusal:
        flash(refusal.message, "danger")
        return redirect(came_from, 303)
    session = browser_session()
    session[_CAME_FROM] = came_from
    session.forget_token()
    return redirect("/", 303)


@pages.post("/end")
@needs(SIGNED_IN)
def end() -> Response:
    """See the site as oneself again, on the page on which one left it."""
    session = browser_session()
    if session.row is None:
        raise Forbidden()
    if session.row["viewing_id"] is not None and viewing.end(session.row, viewing.BACK):
        session.forget_token()
        flash(_("You see the site as yourself again."), "success")
    return redirect(own_page(session.pop(_CAME_FROM, "/")), 303)

