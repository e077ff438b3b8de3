"""The form for the facts about a customer or organisation: drawn, saved, and told to two editors at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ecrm_server.audit.services import last_actor
from ecrm_server.customers import changing, contested, forms, pieces, reading
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import Subject
from ecrm_server.errors import Refusal


def change(subject: Subject, uid: str) -> Response | tuple[str, int]:
    """Save what was submitted. What another editor changed meanwhile stays, unless both changed the same."""
    values = forms.submitted(subject, request.form)
    version = values.pop("version", None)
    try:
        changing.change(g.actor, subject, uid, version, values)
    except Refusal as error:
        row = reading.one(g.actor, subject, uid)
        if not pieces.is_changed_meanwhile(error):
            return drawn(subject, row, error), error.status
        return _after_another(subject, row, values)
    return pieces.done(f"{subject.url}/{uid}", gettext("Saved."))


def _after_another(
    subject: Subject, row: dict[str, Any], values: dict[str, Any]
) -> Response | tuple[str, int]:
    """Keep what either editor changed; ask about what both changed."""
    base, editor = f"{subject.url}/{row['uid']}", last_actor(subject.name, row["uid"])
    stored = forms.in_fields(g.actor, subject, row)
    found = contested.compare(request.form, stored)
    if not found.both:
        own = {name: values[name] for name in found.mine}
        try:
            changing.change(g.actor, subject, row["uid"], row["version"], own)
        except Refusal as error:
            return drawn(subject, row, error, form=found.form), error.status
        titles = ", ".join(_titles(subject, found.theirs))
        text = gettext(
            "Saved. %(name)s changed this meanwhile; both changes are kept: %(fields)s.",
            name=editor or gettext("Somebody"),
            fields=titles,
        )
        return pieces.done(base, text if titles else gettext("Saved."))
    now = {name: stored[name] for name in found.both}
    return drawn(subject, row, form=found.form, theirs=now, editor=editor), 409


def _titles(subject: Subject, names: Iterable[str]) -> list[str]:
    known = all_facts(subject.name)
    return [known[name].title if known[name].custom else gettext(known[name].title) for name in sorted(names)]


def drawn(
    subject: Subject,
    row: dict[str, Any] | None = None,
    error: Refusal | None = None,
    *,
    form: MultiDict[str, str] | None = None,
    theirs: dict[str, list[str]] | None = None,
    editor: str = "",
) -> str:
    """The form for the facts. theirs: field -> its values by now, of those that another editor changed as well."""
    shown = request.form if form is None else form
    groups = forms.drawn(g.actor, subject, row, shown)
    version = shown.get("version") if form is None and "version" in shown else row and row["version"]
    return render_template(
        "customers/form.html", row=row, subject=subject, groups=groups, error=error, version=version,
        labels=forms.labels(groups), theirs=theirs or {}, editor=editor,
    )  # fmt: skip
