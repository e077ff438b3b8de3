"""The administration's pages of fields."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from ecrm_server.access import needs
from ecrm_server.access import services as access
from ecrm_server.customers import custom, fields
from ecrm_server.customers.fields import Wanted
from ecrm_server.customers.schemas import FieldChangeSchema, FieldSchema
from ecrm_server.errors import Refusal
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.forms import load

pages = CoreBlueprint("customer_fields", __name__, url_prefix="/admin/fields")


@pages.get("/<subject>")
@needs(fields.MANAGE)
def field_index(subject: str) -> str:
    """The fields of customers or of organisations."""
    return _index(subject)


@pages.post("/<subject>")
@needs(fields.MANAGE)
def add_field(subject: str) -> Response | tuple[str, int]:
    """Make a field."""
    try:
        name = fields.add(g.actor, fields.subject_of(subject), Wanted(**load(FieldSchema, request.form)))
    except Refusal as error:
        return _index(subject, error), error.status
    flash(gettext("The field is made."), "success")
    return redirect(f"/admin/fields/{subject}/{name}")


@pages.get("/<subject>/<name>")
@needs(fields.MANAGE)
def one_field(subject: str, name: str) -> str:
    """A field: what it is called, and who reads and changes it."""
    return _one(subject, name)


@pages.post("/<subject>/<name>")
@needs(fields.MANAGE)
def change_field(subject: str, name: str) -> Response | tuple[str, int]:
    """Change a custom field."""
    wanted = Wanted(**load(FieldChangeSchema, request.form))
    return _done(subject, name, lambda: fields.change(g.actor, fields.subject_of(subject), name, wanted))


@pages.post("/<subject>/<name>/rule")
@needs(fields.MANAGE)
def change_field_rule(subject: str, name: str) -> Response | tuple[str, int]:
    """Decide which roles read and change a field."""

    def chosen(which: str) -> list[str] | None:
        return request.form.getlist(f"{which}_roles") if request.form.get(which) == "some" else None

    return _done(
        subject, name,
        lambda: fields.set_rule(g.actor, fields.subject_of(subject), name, chosen("read"), chosen("edit")),
    )  # fmt: skip


@pages.post("/<subject>/<name>/<verb>")
@needs(fields.MANAGE)
def field_state(subject: str, name: str, verb: str) -> Response | tuple[str, int]:
    """Index, archive, restore or delete a custom field."""
    of = fields.subject_of(subject)
    verbs = {
        "index": lambda: fields.set_indexed(g.actor, of, name, True),
        "unindex": lambda: fields.set_indexed(g.actor, of, name, False),
        "archive": lambda: fields.archive(g.actor, of, name),
        "restore": lambda: fields.archive(g.actor, of, name, archived=False),
        "delete": lambda: fields.drop(g.actor, of, name, request.form.get("confirmed", "")),
    }
    if verb not in verbs:
        raise Refusal("There is nothing like this to do with a field.")
    return _done(subject, "" if verb == "delete" else name, verbs[verb], again=name)


def _done(subject: str, name: str, act: Any, again: str = "") -> Response | tuple[str, int]:
    try:
        act()
    except Refusal as error:
        return _one(subject, again or name, error), error.status
    flash(gettext("Saved."), "success")
    return redirect(f"/admin/fields/{subject}/{name}".rstrip("/"))


def _index(subject: str, error: Refusal | None = None) -> str:
    of = fields.subject_of(subject)
    return render_template(
        "customers/admin_fields.html",
        subject=of,
        rows=fields.listed(g.actor, of),
        kinds=[(code, kind.title) for code, kind in custom.KINDS.items()],
        error=error,
        form=request.form,
    )


def _one(subject: str, name: str, error: Refusal | None = None) -> str:
    of = fields.subject_of(subject)
    return render_template(
        "customers/admin_field.html",
        subject=of,
        row=fields.field(g.actor, of, name),
        kinds={code: kind.title for code, kind in custom.KINDS.items()},
        unindexed=fields.UNINDEXED,
        roles=[(role["name"], role["title"]) for role in access.roles() if role["name"] != "admin"],
        error=error,
        form=request.form,
    )
