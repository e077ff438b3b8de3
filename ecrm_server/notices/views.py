"""The bell, its page, the preferences, and unsubscribing from a mail."""

from __future__ import annotations

from flask import Response, flash, g, jsonify, redirect, render_template, request
from flask_babel import gettext, ngettext

from ecrm_server.access import ANYONE, SIGNED_IN, needs
from ecrm_server.notices import preferences, services, unsubscribe
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("notices", __name__)

RECENT = 8


@pages.get("/notices")
@needs(SIGNED_IN)
def index() -> str:
    """Everything the person was told, newest first."""
    rows, following = services.page(g.actor.account_id, before=_key(request.args.get("before", "")))
    return render_template(
        "notices/index.html", rows=rows, next=following, first="before" not in request.args, unread=_unread()
    )


@pages.get("/notices/recent")
@needs(SIGNED_IN)
def recent() -> str:
    """The last few, for the bell."""
    rows, _following = services.page(g.actor.account_id, limit=RECENT)
    return render_template("notices/_recent.html", rows=rows)


@pages.get("/notices/count")
@needs(SIGNED_IN)
def count() -> Response:
    """How many are unread, and the words for it."""
    number = _unread()
    label = (
        ngettext("%(num)d unread notice", "%(num)d unread notices", number) if number else gettext("Notices")
    )
    return jsonify(count=number, text=str(number) if number < 100 else "99+", label=label)


@pages.get("/notices/<uid>")
@needs(SIGNED_IN)
def open_notice(uid: str) -> Response:
    """Mark a notice read and go where it leads; whoever looks as somebody else marks nothing."""
    url = services.open_notice(g.actor.account_id, uid, mark=not g.actor.only_looks)
    return redirect(url if url.startswith("/") and not url.startswith(("//", "/\\")) else "/notices")  # type: ignore[return-value]


@pages.post("/notices/<uid>/read")
@needs(SIGNED_IN)
def read(uid: str) -> Response:
    """Mark one notice read."""
    services.mark_read(g.actor.account_id, uid)
    return redirect("/notices")  # type: ignore[return-value]


@pages.post("/notices/read")
@needs(SIGNED_IN)
def read_all() -> Response:
    """Mark everything read."""
    services.mark_all_read(g.actor.account_id)
    return redirect("/notices")  # type: ignore[return-value]


@pages.get("/me/notifications")
@needs(SIGNED_IN)
def choices() -> str:
    """Which kinds on which channels."""
    return render_template(
        "notices/preferences.html", rows=preferences.matrix(g.actor.account_id), channels=preferences.CHANNELS
    )


@pages.post("/me/notifications")
@needs(SIGNED_IN)
def save_choices() -> Response:
    """Store the matrix; every ticked box is ``<kind>:<channel>``."""
    ticked = (value.rpartition(":") for value in request.form.getlist("on"))
    preferences.save(g.actor.account_id, [(kind, channel) for kind, _, channel in ticked])
    flash(gettext("Saved."), "success")
    return redirect("/me/notifications")  # type: ignore[return-value]


@pages.get("/unsubscribe/<token>")
@needs(ANYONE)
def ask_unsubscribe(token: str) -> str:
    """Ask before switching off: programs that look into mails follow links."""
    _account_id, kind = unsubscribe.read(token)
    return render_template("notices/unsubscribe.html", kind=kind, token=token, done=False)


@pages.post("/unsubscribe/<token>")
@needs(ANYONE)
def do_unsubscribe(token: str) -> str:
    """Switch off: from the page's button, or by one click in the mail program (RFC 8058)."""
    kind = unsubscribe.unsubscribe(token)
    return render_template("notices/unsubscribe.html", kind=kind, token=token, done=True)


def _unread() -> int:
    return services.unread_count(g.actor.account_id)


def _key(text: str) -> tuple[int, int]:
    """``<time>_<id>``; a broken key begins at the first page."""
    at, _, number = text.partition("_")
    if at.isdecimal() and number.isdecimal() and len(text) < 36:
        return int(at), int(number)
    return services.NEWEST
