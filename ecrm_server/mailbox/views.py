"""The mailbox in the administration."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.errors import Refusal
from ecrm_server.kernel import current
from ecrm_server.mailbox import services
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("mailbox", __name__)


@pages.get("/admin/mailbox")
@needs("notices.manage_mail")
def index() -> str:
    """Whether answers are read, and how many there were."""
    return _page()


@pages.post("/admin/mailbox/test")
@needs("notices.manage_mail")
def test() -> Response | tuple[str, int]:
    """Open the mailbox now."""
    try:
        number = services.test()
    except Refusal as refusal:
        return _page(), refusal.status
    flash(
        ngettext(
            "The mailbox answers: %(num)d message lies in it. It is being read.",
            "The mailbox answers: %(num)d messages lie in it. It is being read.",
            number,
        ),
        "success",
    )
    return redirect("/admin/mailbox")


def _page() -> str:
    settings_file = current.generation().config.instance / "ecrm.toml"
    return render_template("mailbox/index.html", status=services.status(), settings_file=settings_file)
