"""Giving and withdrawing consent on one's own page and in the notice, recording visits, questions about oneself."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, SIGNED_IN, needs
from ecrm_server.consent import purposes, questions, schemas, services, visitor, visits
from ecrm_server.consent.slots import CHOICES
from ecrm_server.consent.subject import Subject
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity.limits import limited
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load
from ecrm_server.web.paths import own_page

pages = CoreBlueprint("consent", __name__)


@pages.post("/me/data/consents")
@needs(SIGNED_IN)
@limited("60/hour")
def choose() -> Response:
    """Give or withdraw a consent."""
    values = load(schemas.ConsentForm, request.form)
    decide = services.give if values["given"] else services.withdraw
    decide(g.actor, values["purpose"], place="/me/data")
    flash(gettext("Saved."), "success")
    return redirect("/me/data#consents")


@pages.post("/me/questions")
@needs(SIGNED_IN)
@limited("60/hour")
def answer_question() -> Response:
    """Answer a question about oneself, or put it off."""
    values = load(schemas.QuestionForm, request.form)
    if values["later"]:
        questions.put_off(g.actor, values["question"])
    else:
        questions.answer(g.actor, values["question"], values["answer"])
        flash(gettext("Saved."), "success")
    return redirect("/me")


@pages.get(CHOICES)
@needs(ANYONE)
def choices() -> Any:
    """What a visitor may agree to, and what was recorded in this browser."""
    if g.actor.is_authenticated:
        return redirect("/me/data#consents")
    asked = purposes.asked_of_visitors()
    if not asked:
        raise NotFound()
    known = visitor.of_request()
    standings = {item.purpose.key: item for item in services.standings(known)} if known else {}
    return render_template(
        "consent/choices.html",
        asked=[(purpose, standings.get(purpose.key)) for purpose in asked],
        answers=visitor.answered(),
        visits=visits.listed(known) if known else [],
    )


@pages.post(CHOICES)
@needs(ANYONE)
@limited("60/hour", by="address")
def answer() -> Response:
    """A visitor's yes or no. Back to the page it was given on."""
    if g.actor.is_authenticated:
        return redirect("/me/data#consents", 303)
    values = load(schemas.AnswerForm, request.form)
    purpose = next((item for item in purposes.asked_of_visitors() if item.key == values["purpose"]), None)
    if purpose is None:
        raise Refusal(gettext("This site does not ask for that."), field="purpose")
    back = urlsplit(values["back"])
    campaign = {name: found[0] for name, found in parse_qs(back.query, max_num_fields=100).items()}
    visitor.answer(
        purpose, values["answer"] == "yes", path=back.path, referrer=values["referrer"], campaign=campaign
    )
    return redirect(own_page(values["back"], CHOICES), 303)


@pages.post("/visits")
@needs(ANYONE)
@limited("120/minute")
def record() -> tuple[str, int]:
    """A page that somebody looks at. Nothing is recorded of those who did not agree, whatever is sent."""
    values = load(schemas.PageForm, request.form)
    subject = Subject(g.actor.account_id) if g.actor.is_authenticated else visitor.of_request()
    path = values.pop("path")
    if subject is not None and visitor.is_recordable(path):
        visits.note(subject, path, referrer=values.pop("referrer"), campaign=values)
    return "", 204
