"""Administration of roles and groups."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ecrm_server.access import groups, needs
from ecrm_server.access import services as access
from ecrm_server.access.permission import ADMIN
from ecrm_server.errors import Refusal
from ecrm_server.identity import schemas, services
from ecrm_server.kernel import current
from ecrm_server.web import forms
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.swap import settle

pages = CoreBlueprint("roles_admin", __name__, url_prefix="/admin")
MANAGE = "access.manage_roles"


@pages.get("/roles")
@needs(MANAGE)
def roles() -> str:
    """Permissions by role."""
    return _matrix({})


def _matrix(errors: dict[str, list[str]]) -> str:
    registry = current.generation().registry
    parts: dict[str, list[Any]] = {}
    for name, permission in sorted(registry.permissions.items()):
        parts.setdefault(registry.owner[f"permissions {name}"], []).append(permission)
    return render_template(
        "identity/admin_roles.html",
        roles=access.roles(),
        parts=parts,
        titles={name: part.title for name, part in current.generation().parts.items()},
        granted=current.generation().role_permissions,
        errors=errors,
        admin_role=ADMIN,
    )


@pages.post("/roles")
@needs(MANAGE)
def save_roles() -> Response:
    """Save the whole table; a box is named ``<role> <permission>``."""
    generation = current.generation()
    wanted: dict[str, set[str]] = {role["name"]: set() for role in access.roles()}
    for box in request.form.getlist("allow"):
        role, _sep, permission = box.partition(" ")
        if role in wanted:
            wanted[role].add(permission)
    number = access.set_permissions(
        g.actor, wanted, list(generation.registry.permissions.values()), generation.role_permissions
    )
    if number is not None:
        settle(number)
    flash(_("The roles are saved."), "success")
    return redirect("/admin/roles")


@pages.post("/roles/new")
@needs(MANAGE)
def create_role() -> Any:
    """Add a role."""
    try:
        settle(access.create_role(g.actor, **forms.load(schemas.RoleForm, request.form)))
    except Refusal as refusal:
        return _matrix(refusal.errors or {"": [refusal.message]}), refusal.status
    flash(_("The role is made. Choose what it allows."), "success")
    return redirect("/admin/roles")


@pages.post("/roles/<name>/delete")
@needs(MANAGE)
def delete_role(name: str) -> Response:
    """Delete a role."""
    settle(access.delete_role(g.actor, name))
    flash(_("The role is deleted."), "success")
    return redirect("/admin/roles")


@pages.get("/groups")
@needs(MANAGE)
def all_groups() -> str:
    """Every group."""
    return render_template("identity/admin_groups.html", rows=groups.groups(), errors={})


@pages.post("/groups")
@needs(MANAGE)
def create_group() -> Any:
    """Make a group."""
    try:
        values = forms.load(schemas.GroupForm, request.form)
        uid = groups.create_group(g.actor, values["name"], values["description"])
    except Refusal as refusal:
        errors = refusal.errors or {"": [refusal.message]}
        return render_template(
            "identity/admin_groups.html", rows=groups.groups(), errors=errors
        ), refusal.status
    return redirect(f"/admin/groups/{uid}")


@pages.get("/groups/<uid>")
@needs(MANAGE)
def group(uid: str) -> str:
    """One group: roles and members."""
    offered = [role for role in access.roles() if role["name"] not in ("everyone", "member")]
    return render_template("identity/admin_group.html", group=groups.group(uid), roles=offered)


@pages.post("/groups/<uid>")
@needs(MANAGE)
def change_group(uid: str) -> Response:
    """Rename a group, change its roles."""
    groups.change_group(g.actor, uid, **forms.load(schemas.GroupForm, request.form))
    return _back(uid, _("Saved."))


@pages.post("/groups/<uid>/members")
@needs(MANAGE)
def add_member(uid: str) -> Response:
    """Put somebody into a group by e-mail address."""
    account = services.account_by_email(request.form.get("email", ""))
    if account is None:
        raise Refusal(_("There is no account with this e-mail address."), field="email")
    groups.add_member(g.actor, uid, account.id)
    return _back(uid, _("Added."))


@pages.post("/groups/<uid>/members/<account>/remove")
@needs(MANAGE)
def remove_member(uid: str, account: str) -> Response:
    """Take somebody out of a group."""
    groups.remove_member(g.actor, uid, services.account_by_uid(account).id)
    return _back(uid, _("Removed."))


@pages.post("/groups/<uid>/delete")
@needs(MANAGE)
def delete_group(uid: str) -> Response:
    """Delete a group."""
    groups.delete_group(g.actor, uid)
    flash(_("The group is deleted."), "success")
    return redirect("/admin/groups")


def _back(uid: str, message: str) -> Response:
    flash(message, "success")
    return redirect(f"/admin/groups/{uid}")
