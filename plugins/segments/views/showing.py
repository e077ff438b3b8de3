"""Lists of segments, a segment with its members, and why somebody is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ecrm_server.api import Refusal, needs

from ..channels import SEGMENT
from ..permissions import EDIT, READ
from ..services import editing, hand, members, reading
from .blueprint import pages


@pages.get("/")
@needs(READ)
def overview() -> str:
    """All segments by title, or with ``?archived=1`` those that were put away."""
    archived = "archived" in request.args
    rows, following = reading.page(g.actor, archived=archived, after=request.args.get("after", ""))
    return render_template("segments/index.html", rows=rows, following=following, archived=archived)


@pages.get("/<uid>")
@needs(READ)
def segment(uid: str) -> str:
    """A segment: its rule in words, and the members that one sees."""
    since = SEGMENT.position(uid) if members.sees_all(g.actor) else None
    row = reading.one(g.actor, uid)
    rows, following = members.page(g.actor, row["id"], after=request.args.get("after", ""))
    q = request.args.get("q", "")
    return render_template(
        "segments/segment.html",
        segment=row,
        members=rows,
        following=following,
        uses=reading.uses(row),
        used_by=reading.used_by(uid),
        since=since,
        q=q,
        found=hand.search(g.actor, q) if q and row["kind"] == "list" else [],
    )


@pages.get("/<uid>/members")
@needs(READ)
def fresh_members(uid: str) -> str:
    """The first members as a fragment, for the page that is told that they changed."""
    row = reading.one(g.actor, uid)
    rows, following = members.page(g.actor, row["id"])
    return render_template("segments/_members.html", segment=row, members=rows, following=following)


@pages.get("/<uid>/why/<customer>")
@needs(READ)
def why(uid: str, customer: str) -> str | tuple[str, int]:
    """Why a customer is in a segment, or not."""
    try:
        told = reading.why(g.actor, uid, customer)
    except Refusal as refusal:
        row = reading.one(g.actor, uid)
        return render_template("segments/why.html", told=None, segment=row, fault=refusal.message), 422
    return render_template("segments/why.html", told=told, segment=told["segment"], fault="")


@pages.post("/<uid>/archive")
@needs(EDIT)
def archive(uid: str) -> Response:
    """Put a segment away."""
    return _acted(
        uid, lambda: editing.archive(g.actor, uid), _("Put away. You find it among the archived ones.")
    )


@pages.post("/<uid>/restore")
@needs(EDIT)
def restore(uid: str) -> Response:
    """Bring a segment back."""
    return _acted(uid, lambda: editing.restore(g.actor, uid), _("It is back."))


@pages.post("/<uid>/paste")
@needs(EDIT)
def paste(uid: str) -> Response:
    """Put customers into a list by numbers and e-mail addresses."""

    def act() -> None:
        done = hand.add_pasted(g.actor, uid, request.form.get("text", ""))
        flash(_added(done), "success" if done.changed else "info")
        if done.unknown:
            words = ", ".join(done.unknown[:10]) + (" …" if len(done.unknown) > 10 else "")
            flash(_("Nobody was found by: %(words)s", words=words), "warning")

    return _acted(uid, act)


@pages.post("/<uid>/members/<customer>/add")
@needs(EDIT)
def add(uid: str, customer: str) -> Response:
    """Put one customer into a list."""
    return _acted(uid, lambda: flash(_added(hand.add(g.actor, uid, [customer])), "success"))


@pages.post("/<uid>/members/<customer>/remove")
@needs(EDIT)
def remove(uid: str, customer: str) -> Response:
    """Take one customer out of a list."""
    return _acted(uid, lambda: hand.remove(g.actor, uid, [customer]), _("Taken out."))


def _added(done: hand.Done) -> str:
    return ngettext("%(num)d customer put in.", "%(num)d customers put in.", done.changed)


def _acted(uid: str, act: Callable[[], Any], message: str = "") -> Response:
    try:
        act()
        if message:
            flash(message, "success")
    except Refusal as refusal:
        flash(refusal.message, "danger")
    return redirect(f"/segments/{uid}", 303)
