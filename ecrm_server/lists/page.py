"""The page of a list: reads the address, asks, draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from ecrm_server import clock
from ecrm_server.errors import Refusal
from ecrm_server.lists import filters, stored
from ecrm_server.lists.bound import Bound, bind
from ecrm_server.lists.look import Look, look
from ecrm_server.lists.sheet import ConditionForm, Sheet
from ecrm_server.lists.state import State, check, read, restored, without_unknown


def list_page(
    name: str, *, template: str = "lists/page.html", layout: str = "base.html", **context: Any
) -> ResponseReturnValue:
    """The page of a declared list, for the visitor of this request.

    template: one that extends ``lists/page.html``. layout: the frame that it stands in. context: for your own blocks.
    Raises NotFound when the visitor may not see the list, or names a view that is not shared with him.
    """
    sheet = sheet_of(bind(name, g.actor))
    submitted = _submitted(sheet)
    if submitted is not None:
        return redirect(sheet.url(submitted))
    status = 200
    try:
        sheet.form = sheet.form or _form(sheet)
        sheet.rule = check(sheet.state, sheet.bound)
        sheet.look = look(
            sheet.bound, sheet.state, sheet.rule, clock.now(),
            after=request.args.get("after", ""), before=request.args.get("before", ""),
        )  # fmt: skip
    except Refusal as refusal:
        sheet.fault, status = refusal.message, 422
        # Draw what can be drawn of a state that names what the list does not have.
        sheet.state = State(filter=sheet.state.filter, q=sheet.state.q)
    if sheet.form is not None and sheet.form.error:
        status = 422
    return render_template(template, sheet=sheet, layout=layout, **context), status


def sheet_of(bound: Bound) -> Sheet:
    """The list of this request's address, not yet asked for. Raises NotFound for a view that is not there."""
    actor, name, args = bound.actor, bound.kind.name, request.args
    views = stored.visible(name, actor)
    wanted = args.get("view")
    default = next((view for view in views if view["default"]), None)
    if wanted:
        view: stored.View | None = stored.get(name, wanted, actor)
    else:
        view = default if wanted is None and not _names_state() else None
    # The engine's own routes are about the list's page too.
    base = without_unknown(restored(view["state"]), bound) if view else State()
    return Sheet(
        bound, bound.kind.url if request.blueprint == "lists" else request.path, read(args, base), base, view, views,
        view is not None or (wanted is not None and default is not None), Look(), get_timezone(),
    )  # fmt: skip


def _names_state() -> bool:
    return any(name in request.args for name in ("filter", "q", "sort", "columns", "group", "layout"))


def _submitted(sheet: Sheet) -> State | None:
    """The state after one of the page's own forms (columns, a condition); None when none was sent."""
    args = request.args
    if "column" in args:
        chosen = tuple(dict.fromkeys(key for key in args.getlist("column") if key in sheet.bound.columns))
        return replace(sheet.state, columns=chosen)
    if "trait" in args and "op" in args:
        index = args.get("change", type=int)
        try:
            condition = filters.condition(
                sheet.bound.traits, args["trait"], args["op"], args.getlist("value"), sheet.zone
            )
        except Refusal as refusal:
            sheet.form = _form(sheet, refusal.message)
            if sheet.form is None:
                raise
            return None
        return replace(sheet.state, filter=filters.put(sheet.state.filter, condition, index))
    return None


def _form(sheet: Sheet, error: str = "") -> ConditionForm | None:
    """The form of a condition: a new one (``add``), one of the filter (``change``), or one sent with a mistake."""
    args, traits = request.args, sheet.bound.traits
    index = args.get("change", type=int)
    if error:
        trait, word, shown = traits.get(args["trait"]), args["op"], args.getlist("value")
    elif index is not None:
        parts = filters.parts(sheet.state.filter)
        part = parts[index] if 0 <= index < len(parts) else {}
        trait, word = traits.get(str(part.get("trait"))), str(part.get("op"))
        shown = filters.fields(traits, part, sheet.zone) if trait else []
    else:
        trait, word, shown = traits.get(args.get("add", "")), "", []
    if trait is None:
        return None
    return ConditionForm(
        trait, filters.operators(trait), word or filters.USUAL.get(trait.kind, "is"), shown, index, error
    )
