"""Forms on the pages of customers and organisations: pages of their own, or pieces that a script puts into the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask_babel import get_timezone, gettext
from werkzeug.wrappers import Response

from ecrm_server import clock
from ecrm_server.audit.services import last_actor
from ecrm_server.customers import facts
from ecrm_server.customers.facts import Subject
from ecrm_server.errors import Conflict, Refusal

AREA = f"{facts.AREA}/<uid>"
"""The beginning of the paths of both kinds of pages."""
TASKS = "/tasks"
"""The page of what waits for a person; what is done there leads back to it."""
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as the macro of its name in ``customers/_forms.html`` draws it.

    url: where it is sent. back: the page it belongs to. about: kind and public id of the object in the audit log.
    values: field -> text, as stored, or as typed after an error. labels: field -> label. choices: field -> options.
    theirs: (label, value) of what somebody else changed meanwhile, or None; editor: who that was.
    """

    name: str
    title: str
    url: str
    back: str
    about: tuple[str, str] = ("", "")
    values: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    version: int | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    problem: str = ""
    theirs: list[tuple[str, str]] | None = None
    editor: str = ""
    id: str = "new"


def subject_of(area: str) -> Subject:
    """Customers or organisations, by the beginning of a path."""
    return facts.AREAS[area]


def base_of(area: str, uid: str) -> str:
    """The path of a page."""
    return f"/{area}/{uid}"


def today() -> str:
    """The day that the visitor's calendar shows, ``YYYY-MM-DD``."""
    return clock.to_datetime(clock.now()).astimezone(get_timezone()).date().isoformat()


def is_piece() -> bool:
    """Whether a script of the page asks for a piece instead of a page."""
    return request.headers.get("X-Piece") == "1"


def drawn(form: Form, error: Refusal | None = None) -> str:
    """The form: empty or as stored, or with what was typed and what is wrong with it."""
    if error is not None:
        form = _refused(form, error)
    template = "customers/_piece.html" if is_piece() else "customers/piece.html"
    return render_template(template, f=form)


def _refused(form: Form, error: Refusal) -> Form:
    typed = {name: request.form.get(name, "").strip() for name in form.values}
    if not is_changed_meanwhile(error):
        known = {name: texts for name, texts in error.errors.items() if name in form.values}
        problem = "" if known else error.message
        return replace(form, values=typed, version=_seen(), errors=known, problem=problem)
    theirs = [
        (form.labels.get(name, name), _told(form, name))
        for name, value in form.values.items()
        if _plain(value) != _plain(typed[name])
    ]
    return replace(form, values=typed, theirs=theirs, editor=last_actor(*form.about))


def is_changed_meanwhile(error: Refusal) -> bool:
    """Whether a change was refused because of another editor, and not because a number is taken."""
    return isinstance(error, Conflict) and error.field is None


def _seen() -> int | None:
    return request.form.get("version", type=int)


def _plain(text: Any) -> str:
    return str(text).replace("\r\n", "\n").strip()


def _told(form: Form, name: str) -> str:
    value = form.values[name]
    return dict(form.choices.get(name, ())).get(
        value, str(value).replace("T", " ", 1) if _is_time(value) else value
    )


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 16 and value[10] == "T"


def attempt(act: Callable[[], object], again: Callable[[Refusal], str], back: str, text: str = "") -> Answer:
    """Do what a form asks for and say so, or draw it again with what was typed."""
    try:
        act()
    except Refusal as error:
        return again(error), error.status
    return done(back, text or gettext("Saved."))


def done(back: str, text: str, *, removed: str = "", undo: str = "") -> Response:
    """Tell that something was done, to the script or on the page it was done on.

    removed: the id by which it can be put back; undo: where else it is undone.
    """
    if is_piece():
        return jsonify(text=text, undo=f"{back}/removed/{removed}" if removed else undo or None)
    if request.form.get("next") == TASKS:
        back = TASKS
    if removed:
        return redirect(f"{back}?removed={removed}")
    flash(text, "success")
    return redirect(back)
