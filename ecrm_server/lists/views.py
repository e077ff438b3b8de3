"""Routes that every list shares: stored views, editing in place, bulk actions, export, indexes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from flask import (
    Response,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, gettext

from ecrm_server import clock
from ecrm_server.access import ANYONE, SIGNED_IN, needs
from ecrm_server.audit.services import record
from ecrm_server.data import database, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.jobs.services import enqueue
from ecrm_server.lists import bulk, export, stored
from ecrm_server.lists.bound import Bound, bind
from ecrm_server.lists.editing import Cell, cell_of, save
from ecrm_server.lists.look import asked
from ecrm_server.lists.page import sheet_of
from ecrm_server.lists.state import State, check
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("lists", __name__)


def _back(bound: Bound) -> str:
    """Where a form came from: an address of the list's own page."""
    target = request.values.get("next", "")
    url = bound.kind.url
    return target if target == url or target.startswith((f"{url}?", f"{url}/")) else url


def _is_script() -> bool:
    """Whether a script of the page asks for a piece instead of a page."""
    return request.headers.get("X-Piece") == "1"


def _state(bound: Bound) -> State:
    """The state in the address of this request, which may name a stored view."""
    return sheet_of(bound).state


@pages.get("/lists/<name>/export.<form>")
@needs(ANYONE)
def export_rows(name: str, form: str) -> ResponseReturnValue:
    """Exactly the rows and columns of the address, as a file."""
    bound = bind(name, g.actor)
    if form not in export.FORMATS:
        raise NotFound()
    if not bound.may_export():
        raise Forbidden("You may not take this list away as a file.")
    state = _state(bound)
    query = asked(bound, state, check(state, bound), clock.now())
    file_name = f"{name.rpartition('.')[2]}.{form}"
    if form == "xlsx":
        target = tempfile.TemporaryFile()  # noqa: SIM115  (send_file closes it after the last byte)
        export.write_xlsx(bound, query, target)
        target.seek(0)
        answer = send_file(target, mimetype=export.FORMATS[form], as_attachment=True, download_name=file_name)
        del answer.headers["Cache-Control"]  # Flask lets caches keep files; these rows are for one reader
        return answer

    def body() -> Iterator[str]:
        with database.connection_context():  # the request's own is given back before the body is sent
            yield from export.csv_chunks(bound, query, bom=request.args.get("bom") == "1")

    return Response(
        stream_with_context(body()),
        mimetype=export.FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


@pages.post("/lists/<name>/views")
@needs(SIGNED_IN)
def store_view(name: str) -> ResponseReturnValue:
    """Store the state of the address as a view."""
    bound = bind(name, g.actor)
    state = _state(bound)
    check(state, bound)
    uid = stored.create(g.actor, name, request.form.get("title", ""), state.stored(), *_sharing())
    flash(gettext("The view is stored."), "success")
    return redirect(f"{bound.kind.url}?view={uid}")


@pages.post("/lists/<name>/views/<uid>")
@needs(SIGNED_IN)
def change_view(name: str, uid: str) -> ResponseReturnValue:
    """Change a stored view: its name, whom it is shared with, and its state to that of the address."""
    bound = bind(name, g.actor)
    view = stored.get(name, uid, g.actor)
    state = _state(bound)
    check(state, bound)
    shared, group = _sharing()
    stored.change(
        g.actor, view, version=request.form.get("version", 0, int), title=request.form.get("title", ""),
        state=state.stored(), shared=shared, group_id=group,
    )  # fmt: skip
    flash(gettext("The view is stored."), "success")
    return redirect(f"{bound.kind.url}?view={uid}")


@pages.post("/lists/<name>/views/<uid>/delete")
@needs(SIGNED_IN)
def delete_view(name: str, uid: str) -> ResponseReturnValue:
    """Delete a stored view."""
    bound = bind(name, g.actor)
    stored.delete(g.actor, stored.get(name, uid, g.actor))
    flash(gettext("The view is deleted."), "success")
    return redirect(bound.kind.url)


@pages.post("/lists/<name>/default")
@needs(SIGNED_IN)
def choose_default(name: str) -> ResponseReturnValue:
    """Open the list with a view from now on, or with its own order (no ``view``)."""
    bound = bind(name, g.actor)
    uid = request.form.get("view", "")
    stored.set_default(g.actor, name, stored.get(name, uid, g.actor) if uid else None)
    return redirect(f"{bound.kind.url}?view={uid}" if uid else bound.kind.url)


def _sharing() -> tuple[str, int | None]:
    """Whom a form shares a view with: ``nobody``, ``everybody`` or the public id of a group."""
    wanted = request.form.get("shared", "nobody")
    if wanted in ("nobody", "everybody"):
        return wanted, None
    found = next((group["id"] for group in stored.groups_of(g.actor) if group["uid"] == wanted), None)
    return "group", found


@pages.get("/lists/<name>/rows/<uid>/<column>")
@needs(SIGNED_IN)
def edit_cell(name: str, uid: str, column: str) -> ResponseReturnValue:
    """The field in which a cell is edited."""
    bound = bind(name, g.actor)
    return _edit_form(cell_of(bound, uid, column))


@pages.route("/lists/<name>/rows/<uid>/<column>", methods=["POST", "PATCH"])
@needs(SIGNED_IN)
def save_cell(name: str, uid: str, column: str) -> ResponseReturnValue:
    """Set a cell. 409 with both values where somebody else changed the row since ``version``."""
    bound = bind(name, g.actor)
    cell = cell_of(bound, uid, column)
    texts = request.form.getlist("value")
    try:
        saved = save(cell, texts, request.form.get("version", -1, int), get_timezone())
    except Conflict:
        return _edit_form(cell_of(bound, uid, column), texts, theirs=True), 409
    except Refusal as refusal:
        return _edit_form(cell, texts, error=refusal.message), refusal.status
    if not _is_script():
        return redirect(_back(bound))
    piece = render_template("lists/_cell.html", sheet=sheet_of(bound), column=saved.column, row=saved.row)
    return Response(piece, headers={"X-Version": str(saved.row["version"])})


def _edit_form(cell: Cell, texts: list[str] | None = None, *, theirs: bool = False, error: str = "") -> str:
    template = "lists/_edit.html" if _is_script() else "lists/edit.html"
    return render_template(
        template, cell=cell, sheet=sheet_of(cell.bound), theirs=theirs, error=error,
        fields=cell.fields(get_timezone()) if texts is None else texts, back=_back(cell.bound),
    )  # fmt: skip


@pages.post("/lists/<name>/bulk/<action>")
@needs(SIGNED_IN)
def start_bulk(name: str, action: str) -> ResponseReturnValue:
    """Ask whether many rows shall be changed; with ``sure`` do it, by a job."""
    bound = bind(name, g.actor)
    wanted = bound.action(action)
    rows, count = _chosen(bound)
    if request.form.get("sure") != "1":
        template = "lists/_confirm.html" if _is_script() else "lists/confirm.html"
        return render_template(
            template, sheet=sheet_of(bound), action=wanted, rows=rows, count=count, back=_back(bound),
            choices=wanted.choices(g.actor) if wanted.choices else None,
        )  # fmt: skip
    uid = bulk.start(g.actor, bound, wanted, request.form.get("value", ""), rows)
    if _is_script():
        return jsonify(url=f"/lists/bulk/{uid}")
    return redirect(f"/lists/bulk/{uid}")


def _chosen(bound: Bound) -> tuple[dict[str, Any], str]:
    """The rows that a form chose, and how many they are in words. Raises Refusal for none."""
    if request.form.get("all") != "1":
        uids = list(dict.fromkeys(request.form.getlist("uid")))
        if not uids:
            raise Refusal("Choose at least one row.", field="uid")
        return {"uids": uids}, str(len(uids))
    state = _state(bound)
    check(state, bound)
    rows: dict[str, Any] = {"filter": state.filter, "q": state.q}
    count = bulk.matching(bound, rows, clock.now()).count()
    return rows, f"{min(count, 1000):,}{'+' if count > 1000 else ''}"


@pages.get("/lists/bulk/<uid>")
@needs(SIGNED_IN)
def bulk_page(uid: str) -> ResponseReturnValue:
    """How far a bulk action is, and its undoing; as JSON for a script."""
    found = bulk.get(uid, g.actor)
    if _is_script():
        return jsonify({name: found[name] for name in ("state", "done", "total", "error", "may_undo")})
    return render_template("lists/bulk.html", bulk=found, **bulk.titles(found, g.actor))


@pages.post("/lists/bulk/<uid>/undo")
@needs(SIGNED_IN)
def undo_bulk(uid: str) -> ResponseReturnValue:
    """Put the rows back."""
    bulk.undo(uid, g.actor)
    if _is_script():
        return jsonify(url=f"/lists/bulk/{uid}")
    return redirect(f"/lists/bulk/{uid}")


@pages.post("/lists/<name>/index/<column>")
@needs("lists.index")
def build_index(name: str, column: str) -> ResponseReturnValue:
    """Build the index of a column, by a job."""
    bound = bind(name, g.actor)
    found = bound.columns.get(column)
    if found is None or found.make_index is None:
        raise NotFound()
    with transaction():
        record("lists.index_asked", actor=g.actor, obj_kind=name, obj_uid=column)
        enqueue("lists.index", created_by=g.actor.account_id, unique=True, name=name, column=column)
    flash(gettext("The index is being built. Try again in a moment."), "success")
    return redirect(_back(bound))
