"""What members see of the moderation: flagging, decisions about themselves, appeals."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import SIGNED_IN, needs
from ecrm_server.errors import Refusal
from ecrm_server.moderation import appeals, decisions, flags, objects
from ecrm_server.moderation.reasons import reasons
from ecrm_server.moderation.schemas import AppealSchema, FlagSchema
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("moderation_member", __name__)


@pages.get("/flag/<kind>/<uid>")
@needs("moderation.flag")
def flag(kind: str, uid: str) -> str:
    """The form for flagging an object: a page, or for scripts the content of a dialog."""
    return _flag(kind, uid)


def _flag(kind: str, uid: str, error: Refusal | None = None) -> str:
    dialog = bool(request.headers.get("HX-Request"))
    template = "moderation/flag_form.html" if dialog else "moderation/flag.html"
    found = objects.readable(g.actor, kind, uid)
    return render_template(
        template, object=found, author=objects.author_name(found), kind=objects.kind_of(kind), reasons=reasons(),
        error=error, form=request.form, dialog=dialog,
    )  # fmt: skip


@pages.post("/flag/<kind>/<uid>")
@needs("moderation.flag")
def raise_flag(kind: str, uid: str) -> Response | str | tuple[str, int]:
    """Flag an object."""
    try:
        values = load(FlagSchema, request.form)
        flags.flag(g.actor, kind, uid, values["reason"], values["text"])
    except Refusal as error:
        return _flag(kind, uid, error), error.status
    thanks = gettext("Thank you. A moderator will look at it.")
    if request.headers.get("HX-Request"):
        return render_template("moderation/flagged.html", text=thanks)
    flash(thanks, "success")
    return redirect(objects.readable(g.actor, kind, uid).url)


@pages.get("/me/decisions")
@needs(SIGNED_IN)
def mine() -> str:
    """Every decision about the person's contributions and account."""
    rows, cursor = decisions.of_author(g.actor.profile_id, before=request.args.get("before", ""))
    return render_template("moderation/mine.html", rows=rows, cursor=cursor)


@pages.get("/me/decisions/<uid>")
@needs(SIGNED_IN)
def decision(uid: str) -> str:
    """The statement of reasons of one decision."""
    return _decision(uid)


def _decision(uid: str, error: Refusal | None = None) -> str:
    return render_template(
        "moderation/decision.html", decision=decisions.own(g.actor, uid), error=error, form=request.form
    )


@pages.post("/me/decisions/<uid>/appeal")
@needs(SIGNED_IN)
def appeal(uid: str) -> Response | tuple[str, int]:
    """Appeal against a decision."""
    try:
        appeals.appeal(g.actor, uid, load(AppealSchema, request.form)["text"])
    except Refusal as error:
        return _decision(uid, error), error.status
    flash(gettext("Your appeal was received. You will hear from us."), "success")
    return redirect(f"/me/decisions/{uid}")
