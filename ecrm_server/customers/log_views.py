"""What staff log on the page of a customer or organisation, and what was removed there put back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import g, request
from flask_babel import get_timezone, gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.access import needs
from ecrm_server.customers import activities, claims, mailing, people, pieces, putting_back, reading
from ecrm_server.customers.facts import Subject
from ecrm_server.customers.pieces import AREA, Answer, Form, base_of, subject_of
from ecrm_server.customers.schemas import ActivityChangeSchema, ActivitySchema, AnswerSchema
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.kernel import current
from ecrm_server.mailbox import place as mailbox
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_log", __name__)


def _with_zone(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The times of a form as the visitor's clock shows them, in UTC."""
    values = MultiDict(form)
    for name in ("at", "due_at"):
        try:
            local = datetime.fromisoformat(values.get(name, ""))
        except ValueError:
            continue
        values[name] = local.replace(tzinfo=local.tzinfo or get_timezone()).isoformat()
    return values


def _in_field(ms: int | None) -> str:
    """A time as a field of the visitor's own clock shows it."""
    return "" if ms is None else clock.to_datetime(ms).astimezone(get_timezone()).strftime("%Y-%m-%dT%H:%M")


@pages.post("/customers/<uid>/invite")
@needs(claims.INVITE)
def invite(uid: str) -> Answer:
    """Mail a link with which the customer makes an account."""
    base = base_of("customers", uid)
    form = Form(
        name="invite", title=gettext("Invite to make an account"), url=f"{base}/invite", back=base,
        values={"email": ""}, labels={"email": gettext("E-mail")},
    )  # fmt: skip
    return pieces.attempt(
        lambda: claims.invite(g.actor, uid, request.form.get("email", "")),
        lambda error: pieces.drawn(form, error),
        base,
        gettext("The invitation is on its way."),
    )


@pages.post(f"{AREA}/activities")
@needs("customers.edit")
def log(area: str, uid: str) -> Answer:
    """Log a note, call, meeting or task; send a mail."""
    subject = subject_of(area)

    def act() -> None:
        wanted = activities.Wanted(**load(ActivitySchema, _with_zone(request.form)))
        activities.log(g.actor, subject, uid, wanted)

    def again(error: Refusal) -> str:
        row = reading.one(g.actor, subject, uid)
        return pieces.drawn(log_form(subject, row, people.staff(g.actor)), error)

    return pieces.attempt(act, again, base_of(area, uid))


def log_form(subject: Subject, row: dict[str, Any], staff: list[tuple[str, str]]) -> Form:
    """The form that logs something."""
    base, kinds = f"{subject.url}/{row['uid']}", dict(activities.KINDS)
    if not (g.actor.may(mailing.SEND_MAIL) and row["email"]):
        kinds.pop("mail")
    values = {"kind": "note", "subject": "", "text": "", "at": "", "minutes": "", "due_at": "", "pinned": ""}
    return Form(
        name="log", id="log", title=gettext("Log"), url=f"{base}/activities", back=base,
        labels=_labels() | {"mail": _where_to()},
        values=values | {"assignee": g.actor.uid},
        choices={"kind": [(kind, gettext(title)) for kind, title in kinds.items()], "assignee": staff},
    )  # fmt: skip


def _labels() -> dict[str, str]:
    return {
        "subject": gettext("Subject"), "text": gettext("Text"), "at": gettext("When"), "minutes": gettext("Minutes"),
        "due_at": gettext("Due"), "assignee": gettext("Who does it"),
    }  # fmt: skip


def _where_to() -> str:
    """Where a mail goes, and where its answers do."""
    if mailbox.address(current.generation().config):
        return gettext("It is sent to the main address. Answers come back to this page.")
    return gettext("It is sent to the main address.")


@pages.get(f"{AREA}/activities/<activity>/answer")
@needs(mailing.SEND_MAIL)
def answer(area: str, uid: str, activity: str) -> str:
    """The form for an answer to a mail that came in."""
    return _answer_form(area, uid, activity)


@pages.post(f"{AREA}/activities/<activity>/answer")
@needs(mailing.SEND_MAIL)
def send_answer(area: str, uid: str, activity: str) -> Answer:
    """Answer a mail that came in."""

    def act() -> None:
        wanted = activities.Wanted(kind="mail", answers=activity, **load(AnswerSchema, request.form))
        activities.log(g.actor, subject_of(area), uid, wanted)

    again = partial(_answer_form, area, uid, activity)
    return pieces.attempt(act, again, base_of(area, uid), gettext("The answer is on its way."))


def _answer_form(area: str, uid: str, activity: str, error: Refusal | None = None) -> str:
    subject, base = subject_of(area), base_of(area, uid)
    found = mailing.received(subject, reading.one(g.actor, subject, uid)["id"], activity)
    if found is None:
        raise NotFound()
    title = found["subject"]
    form = Form(
        name="answer", id=activity, title=gettext("Answer"), url=f"{base}/activities/{activity}/answer", back=base,
        labels=_labels() | {"mail": _where_to()},
        values={"subject": title if title.lower().startswith("re:") else f"Re: {title}"[:200], "text": ""},
    )  # fmt: skip
    return pieces.drawn(form, error)


def _activity_form(area: str, uid: str, activity: str, error: Refusal | None = None) -> str:
    subject, base = subject_of(area), base_of(area, uid)
    row = activities.one(g.actor, subject, uid, activity)
    form = Form(
        name="activity", title=gettext(activities.KINDS[row["kind"]]), url=f"{base}/activities/{activity}/edit",
        back=base, about=(subject.name, uid), id=activity, version=row["version"], labels=_labels(),
        values={"subject": row["subject"], "text": row["text"], "at": _in_field(row["at"]), **_by_kind(row)},
        choices={"assignee": people.staff(g.actor, row["assignee_uid"])},
    )  # fmt: skip
    return pieces.drawn(form, error)


def _by_kind(row: dict[str, Any]) -> dict[str, Any]:
    if row["kind"] == "task":
        return {"due_at": _in_field(row["due_at"]), "assignee": row["assignee_uid"] or ""}
    return {} if row["kind"] == "note" else {"minutes": "" if row["minutes"] is None else str(row["minutes"])}


@pages.get(f"{AREA}/activities/<activity>/edit")
@needs("customers.edit")
def edit_activity(area: str, uid: str, activity: str) -> str:
    """The form for what was logged."""
    return _activity_form(area, uid, activity)


@pages.post(f"{AREA}/activities/<activity>/edit")
@needs("customers.edit")
def save_activity(area: str, uid: str, activity: str) -> Answer:
    """Change what was logged."""
    subject = subject_of(area)

    def act() -> None:
        values = load(ActivityChangeSchema, _with_zone(request.form))
        version, at = values.pop("version"), values["at"]
        stored = activities.one(g.actor, subject, uid, activity)
        if at is not None and _in_field(at) == _in_field(stored["at"]):
            values["at"] = None  # the field shows no seconds: they stay
        wanted = activities.Wanted(kind=stored["kind"], **values)
        activities.change(g.actor, subject, uid, activity, wanted, version)

    return pieces.attempt(act, lambda error: _activity_form(area, uid, activity, error), base_of(area, uid))


@pages.post(f"{AREA}/activities/<activity>/<verb>")
@needs("customers.edit")
def change_activity(area: str, uid: str, activity: str, verb: str) -> Response:
    """Pin, finish or delete what was logged."""
    what = (g.actor, subject_of(area), uid, activity)
    if verb == "delete":
        kept = activities.delete(*what)
        return pieces.done(base_of(area, uid), gettext("Deleted."), removed=kept)
    if verb in ("pin", "unpin"):
        activities.pin(*what, verb == "pin")
        return pieces.done(base_of(area, uid), gettext("Pinned.") if verb == "pin" else gettext("Unpinned."))
    if verb in ("done", "reopen"):
        activities.finish(*what, verb == "done")
        return _finished(base_of(area, uid), activity, verb == "done")
    raise NotFound()


def _finished(base: str, activity: str, done: bool) -> Response:
    text = gettext("Done.") if done else gettext("Open again.")
    return pieces.done(base, text, undo=f"{base}/activities/{activity}/{'reopen' if done else 'done'}")


@pages.post(f"{AREA}/removed/<item>")
@needs("customers.edit")
def put_back(area: str, uid: str, item: str) -> Response:
    """Put back what was removed."""
    putting_back.put_back(g.actor, subject_of(area), uid, item)
    return pieces.done(base_of(area, uid), gettext("It is back."))
