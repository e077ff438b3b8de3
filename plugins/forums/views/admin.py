"""Categories and grants, below the forums but in the administration's frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _

from ecrm_server.api import Refusal, describe_form, load_form, needs

from ..schemas import CategoryForm
from ..services import categories
from ..services.permissions import access_of
from ..services.tree import LEVELS, Node, tree
from .blueprint import pages
from .common import Answer, acted, actor, errors_of

MANAGE = categories.MANAGE
LIST = "/forums/admin/categories"


@pages.get("/admin/categories")
@needs(MANAGE)
def manage_categories() -> Answer:
    """Every category in its place, with counters and who may use it."""
    titles = dict(categories.subjects())
    return render_template(
        "forums/admin/categories.html",
        nodes=list(tree().walk()),
        overview=categories.overview(access_of(actor())),
        titles=titles,
        level_names=_level_names(),
    )


def _level_names() -> dict[int, str]:
    return {0: _("nothing"), 1: _("read"), 2: _("read and reply"), 3: _("read, reply and open topics")}


@pages.get("/admin/categories/new")
@needs(MANAGE)
def new_category() -> Answer:
    """The form for a new category."""
    return _form(None, {"colour": 0, "icon": "messages", "position": 0, "parent": request.args.get("parent", "")}, {})


@pages.post("/admin/categories/new")
@needs(MANAGE)
def create_category() -> Answer:
    """Make a category."""
    try:
        node = categories.create(actor(), load_form(CategoryForm, request.form))
    except Refusal as refusal:
        return _form(None, request.form.to_dict(), errors_of(refusal)), 422
    flash(_("Category made."), "success")
    return redirect(f"{LIST}/{node.uid}", 303)


@pages.get("/admin/categories/<uid>")
@needs(MANAGE)
def edit_category(uid: str) -> Answer:
    """The form of a category, and its grants."""
    node = categories.find(uid)
    return _form(node, _values(node), {})


def _values(node: Node) -> dict[str, Any]:
    parent = node.path[-1].uid if node.path else ""
    return {
        "name": node.name,
        "description": node.description,
        "colour": node.colour,
        "icon": node.icon,
        "position": node.position,
        "parent": parent,
    }


@pages.post("/admin/categories/<uid>")
@needs(MANAGE)
def update_category(uid: str) -> Answer:
    """Change a category."""
    node = categories.find(uid)
    try:
        categories.update(actor(), uid, load_form(CategoryForm, request.form))
    except Refusal as refusal:
        return _form(node, request.form.to_dict(), errors_of(refusal)), 422
    flash(_("Saved."), "success")
    return redirect(f"{LIST}/{uid}", 303)


@pages.post("/admin/categories/<uid>/grants")
@needs(MANAGE)
def update_grants(uid: str) -> Answer:
    """Say who may do what: one field ``grant:<subject>`` each, empty for nothing."""
    grants = {
        name.removeprefix("grant:"): level
        for name, level in request.form.items()
        if name.startswith("grant:") and level
    }
    return acted(f"{LIST}/{uid}", _("Saved."), lambda: categories.set_grants(actor(), uid, grants))


@pages.post("/admin/categories/<uid>/delete")
@needs(MANAGE)
def delete_category(uid: str) -> Answer:
    """Delete a category that holds nothing."""
    try:
        categories.delete(actor(), uid)
    except Refusal as refusal:
        flash(refusal.message, "danger")
        return redirect(f"{LIST}/{uid}", 303)
    flash(_("Category deleted."), "success")
    return redirect(LIST, 303)


def _form(node: Node | None, values: Mapping[str, Any], errors: dict[str, list[str]]) -> str:
    fields = describe_form(CategoryForm, values, errors)
    others = [other for other in tree().walk() if node is None or (other.id != node.id and node not in other.path)]
    choices = {
        "parent": [("", _("nothing (a top-level category)"))] + [(other.uid, other.name) for other in others],
        "colour": [(str(number), _("Colour %(number)s", number=number + 1)) for number in range(categories.COLOURS)],
    }
    for field in fields:
        field["choices"] = choices.get(field["name"], field["choices"])
    return render_template(
        "forums/admin/category.html",
        node=node,
        fields=fields,
        errors=errors,
        grants=categories.own_grants(node.uid) if node else {},
        inherited=node.grants if node else {},
        subjects=categories.subjects(),
        levels=list(LEVELS),
    )
