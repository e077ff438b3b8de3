"""The moderators' pages: the queue, one item, one person."""

from __future__ import annotations

from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.access import needs
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.moderation import appeals, decisions, flags, objects, people, queue, undoing
from ecrm_server.moderation.channels import QUEUE
from ecrm_server.moderation.reasons import reasons
from ecrm_server.moderation.schemas import AppealAnswerSchema, DecisionSchema, SanctionSchema
from ecrm_server.realtime.store import position
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("moderation", __name__)


@pages.get("/moderation")
@needs("moderation.review")
def index() -> str:
    """The one queue, oldest first; or what was decided, newest first."""
    state = "decided" if request.args.get("state") == "decided" else "open"
    why = request.args.get("why", "")
    since = position(QUEUE.room("all"))
    rows, cursor = queue.page(g.actor, state=state, why=why, after=request.args.get("after", ""))
    return render_template(
        "moderation/index.html",
        rows=rows,
        cursor=cursor,
        state=state,
        why=why,
        whys=queue.WHY,
        count=queue.open_count(g.actor),
        since=since,
        decided=_decided(),
    )


@pages.get("/moderation/count")
@needs("moderation.review")
def count() -> Response:
    """How many items wait, for the live queue."""
    number = queue.open_count(g.actor)
    text = ngettext("%(num)d item waits", "%(num)d items wait", number)
    return jsonify(count=number, text=text)


@pages.get("/moderation/<uid>")
@needs("moderation.review")
def item(uid: str) -> str:
    """One item with everything that is needed to decide."""
    return _item(uid)


def _item(uid: str, error: Refusal | None = None) -> str:
    row = queue.get(g.actor, uid)
    decision = decisions.by_id(row["decision_id"])
    return render_template(
        "moderation/item.html",
        item=row,
        decision=decision,
        flags=flags.of_object(row["obj_kind"], row["obj_uid"]),
        history=_readable(decisions.of_author(row["author_id"], limit=5)[0]) if row["author_id"] else [],
        reasons=reasons(),
        may_answer=decision is not None and appeals.may_answer(g.actor, decision, row["author_account_id"]),
        may_undo=undoing.may_undo(g.actor, row),
        decided=_decided() if error is None else "",
        own=row["author_id"] is not None and row["author_id"] == g.actor.profile_id,
        form=request.form,
        error=error,
    )


def _readable(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The decisions about objects that the moderator may read; titles and statements tell of what they are about."""
    return [row for row in history if objects.may_review(g.actor, row["obj_kind"], row["obj_uid"])]


@pages.post("/moderation/<uid>/decide")
@needs("moderation.review")
def decide(uid: str) -> Response | tuple[str, int]:
    """Approve or hide."""
    return _try(
        uid, DecisionSchema, lambda values: decisions.decide(g.actor, uid, values.pop("decision"), **values)
    )


@pages.post("/moderation/<uid>/answer")
@needs("moderation.review")
def answer(uid: str) -> Response | tuple[str, int]:
    """Answer an appeal."""
    return _try(
        uid,
        AppealAnswerSchema,
        lambda values: appeals.answer(g.actor, uid, values["decision"], values["answer"]),
    )


def _try(uid: str, schema: Any, act: Any) -> Response | tuple[str, int]:
    """Do what a form asks for and go on to the next item, or show the form again with what is wrong."""
    try:
        act(load(schema, request.form))
    except Refusal as error:
        return _item(uid, error), error.status
    if not undoing.may_undo(g.actor, queue.get(g.actor, uid)):
        flash(gettext("Decided."), "success")
    rows, _ = queue.page(g.actor, limit=1)
    return redirect(f"/moderation{'/' + rows[0]['uid'] if rows else ''}?decided={uid}")


def _decided() -> str:
    """The item that was decided just now (``?decided=``), while that can be undone."""
    uid = request.args.get("decided", "")
    try:
        return uid if uid and undoing.may_undo(g.actor, queue.get(g.actor, uid)) else ""
    except NotFound:
        return ""


@pages.post("/moderation/<uid>/undo")
@needs("moderation.review")
def undo(uid: str) -> Response:
    """Take the own decision back; the item waits again."""
    try:
        undoing.undo(g.actor, uid)
        flash(gettext("Taken back. It waits again."), "success")
    except Refusal as error:
        flash(error.message, "danger")
    return redirect(f"/moderation/{uid}", 303)


@pages.get("/moderation/people/<uid>")
@needs("moderation.sanction")
def person(uid: str) -> str:
    """What was decided about somebody, and measures against the account."""
    return _person(uid)


def _person(uid: str, error: Refusal | None = None) -> str:
    row = people.person(uid)
    history, cursor = decisions.of_author(row["profile_id"], before=request.args.get("before", ""))
    return render_template(
        "moderation/person.html", person=row, history=_readable(history), cursor=cursor, reasons=reasons(), error=error,
        form=request.form, own=row["profile_id"] == g.actor.profile_id,
    )  # fmt: skip


@pages.post("/moderation/people/<uid>")
@needs("moderation.sanction")
def sanction(uid: str) -> Response | tuple[str, int]:
    """Suspend, silence, or lift."""
    try:
        values = load(SanctionSchema, request.form)
        until = clock.now() + values["days"] * clock.DAY
        if values["measure"] == "lift":
            people.lift(g.actor, uid)
        else:
            act = people.suspend if values["measure"] == "suspend" else people.silence
            act(g.actor, uid, until, values["reason"], values["statement"])
    except Refusal as error:
        return _person(uid, error), error.status
    flash(gettext("Saved."), "success")
    return redirect(f"/moderation/people/{uid}")
