"""The form of a segment. Rows come and go by buttons of the form itself; the script only saves reloading the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import get_timezone
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.api import (
    Conflict,
    NotFound,
    Refusal,
    Trait,
    describe_rule,
    hidden_traits,
    needs,
    operators_in_form,
    trait_set,
)

from ..permissions import EDIT
from ..services import draft as drafts
from ..services import editing, reading
from ..services.index import SUBJECT, parsed, require_readable
from ..services.preview import preview
from .blueprint import pages

_USUAL = {"text": "contains", "set": "has any of", "date": "within last days", "time": "within last days"}
_PARTS = {"customers": "Customers", "segments": "Purchases"}


@pages.get("/new")
@needs(EDIT)
def new() -> str:
    """The form for a new segment; ``?kind=list`` for a list that is kept by hand."""
    kind = "list" if request.args.get("kind") == "list" else "rule"
    return _page({"title": "", "description": "", "kind": kind}, drafts.empty())


@pages.post("/new")
@needs(EDIT)
def create() -> Response | tuple[str, int] | str:
    """Make a segment, or only add and remove rows of its form (``do``)."""
    values = {"kind": "list" if request.form.get("kind") == "list" else "rule", **_texts()}
    draft = _draft()
    if request.form.get("do"):
        return _page(values, draft)
    rule: dict[str, Any] | None = None
    faults: dict[str, str] = {}
    if values["kind"] == "rule":
        rule, faults = drafts.to_tree(draft, trait_set(SUBJECT), get_timezone())
    if faults:
        return _page(values, draft, faults=faults), 422
    try:
        uid = editing.create(g.actor, values["title"], rule=rule, description=values["description"])
    except Refusal as refusal:
        return _page(values, draft, error=refusal), 422
    flash(_("Segment made. Its members are being found."), "success")
    return redirect(f"/segments/{uid}", 303)


@pages.get("/<uid>/edit")
@needs(EDIT)
def edit(uid: str) -> str:
    """The form of a segment."""
    row = _editable(uid)
    known, zone = trait_set(SUBJECT), get_timezone()
    return _page(row, drafts.of_tree(row["rule"], known, zone) if row["rule"] else drafts.empty())


@pages.post("/<uid>/edit")
@needs(EDIT)
def change(uid: str) -> Response | tuple[str, int] | str:
    """Change a segment, or only add and remove rows of its form (``do``)."""
    row = _editable(uid)
    values = {**row, **_texts(), "version": request.form.get("version", 0, type=int)}
    draft = _draft()
    if request.form.get("do"):
        return _page(values, draft)
    rule: dict[str, Any] | None = None
    faults: dict[str, str] = {}
    if row["kind"] == "rule":
        rule, faults = drafts.to_tree(draft, trait_set(SUBJECT), get_timezone())
    if faults:
        return _page(values, draft, faults=faults), 422
    try:
        editing.change(
            g.actor,
            uid,
            values["version"],
            title=values["title"],
            description=values["description"],
            rule=rule,
        )
    except (Refusal, Conflict) as error:
        return _page(values, draft, error=error), error.status
    flash(_("Saved."), "success")
    return redirect(f"/segments/{uid}", 303)


@pages.post("/builder")
@needs(EDIT)
def builder() -> str:
    """The rows of the form as a fragment, after a button or another trait."""
    return render_template(
        "segments/_builder.html", faults={}, **_rows(_draft(), request.form.get("uid", ""))
    )


@pages.post("/preview")
@needs(EDIT)
def look() -> str:
    """How many customers the rule of the form would hold for, and ten of them, as a fragment."""
    return render_template("segments/_preview.html", **_looked_at(_draft(), request.form.get("uid", "")))


def _texts() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in ("title", "description")}


def _editable(uid: str) -> dict[str, Any]:
    row = reading.one(g.actor, uid)
    if hidden_traits(SUBJECT, g.actor).intersection(row["traits"]):
        raise NotFound()
    return row


def _draft() -> drafts.Draft:
    found = drafts.act(drafts.of_form(request.form), request.form.get("do", ""))
    return drafts.with_operators(found, trait_set(SUBJECT), lambda trait: _USUAL.get(trait.kind, "is"))


def _looked_at(draft: drafts.Draft, own: str = "") -> dict[str, Any]:
    """What the preview shows: the sentence, the count and ten members; or why not."""
    tree, _faults = drafts.to_tree(draft, trait_set(SUBJECT), get_timezone())
    if tree is None:
        return {"sentence": "", "seen": None, "fault": _("Complete the conditions to see who is in it.")}
    try:
        rule = parsed(tree, own)
        require_readable(g.actor, rule)
    except Refusal as refusal:
        return {"sentence": "", "seen": None, "fault": refusal.message}
    return {"sentence": describe_rule(rule), "seen": preview(g.actor, rule), "fault": ""}


def _rows(draft: drafts.Draft, own: str) -> dict[str, Any]:
    """What the rows of the form are drawn from."""
    known, hidden = trait_set(SUBJECT), hidden_traits(SUBJECT, g.actor)
    askable = [trait for trait in known if trait.name not in hidden]
    return {
        "draft": draft,
        "groups": _grouped(askable),
        "traits": {trait.name: trait for trait in askable},
        "operators": {trait.name: operators_in_form(trait) for trait in askable},
        "segments": reading.choices(own),
        "group_words": [
            ("all", _("all of these")),
            ("any", _("at least one of these")),
            ("none", _("none of these")),
        ],
    }


def _grouped(traits: list[Trait]) -> list[tuple[str, list[Trait]]]:
    """The traits by part, those of customers first."""
    parts: dict[str, list[Trait]] = {}
    for trait in traits:
        parts.setdefault(trait.name.partition(".")[0], []).append(trait)
    return [(_(_PARTS.get(part, part.capitalize())), found) for part, found in parts.items()]


def _page(
    values: Mapping[str, Any],
    draft: drafts.Draft,
    *,
    faults: Mapping[str, str] | None = None,
    error: Any = None,
) -> str:
    own = values.get("uid", "")
    errors = dict(getattr(error, "errors", None) or {})
    field = getattr(error, "field", "") or ""
    if error is not None and not errors:
        errors = {field if field in ("title", "description") else "rule": [error.message]}
    if faults:
        errors = {"rule": [_("Look at the marked conditions.")]}
    return render_template(
        "segments/form.html",
        values=values,
        errors=errors,
        faults=faults or {},
        **_rows(draft, own),
        **(_looked_at(draft, own) if values["kind"] == "rule" else {}),
    )
