"""Pages of imports: choose a file, map it, look at what would happen, start, watch, undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from flask import Response, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from ecrm_server.access import needs
from ecrm_server.errors import EcrmError, NotFound, Refusal
from ecrm_server.importing import services, showing
from ecrm_server.importing.collecting import FIRST, HOWS
from ecrm_server.importing.csvrows import ENCODINGS, SEPARATORS
from ecrm_server.importing.notation import DATES, DECIMALS
from ecrm_server.importing.options import MODES, NO_KEY, UNFIT, Options, propose
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.services import RUN
from ecrm_server.settings.store import setting
from ecrm_server.storage import services as storage
from ecrm_server.storage.serving import headers_for
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.bodies import takes

pages = CoreBlueprint("importing", __name__, url_prefix="/admin/imports")

FIND_OUT = "auto"
"""Instead of a key: the kind's first that a column brings."""
_FORM = 1 << 20
"""Bytes of an upload beside the file itself."""
_BLOCK = 1 << 16
_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _largest() -> int:
    return int(setting("importing.max_megabytes")) * (1 << 20) + _FORM


@pages.get("")
@needs(RUN)
def index() -> str:
    """Earlier imports, newest first."""
    before = request.args.get("before", "")
    rows, following = services.page(g.actor, int(before) if before.isdecimal() else 2**62)
    return render_template("importing/index.html", rows=rows, next=following, before=before)


@pages.get("/new")
@needs(RUN)
def new() -> str:
    """Choose what to import and the file."""
    return _new({})


@pages.post("/new")
@needs(RUN)
@takes(_largest)
def upload() -> AnyResponse | str:
    """Take a file."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Refusal(_("Choose a file."), field="file")
        uid = services.upload(g.actor, request.form.get("kind", ""), file.filename, file.stream)  # type: ignore[arg-type]
    except Refusal as refusal:
        return Response(_new(refusal.errors or {"": [refusal.message]}), 422, mimetype="text/html")
    return redirect(f"/admin/imports/{uid}/mapping", 303)


def _new(errors: Mapping[str, list[str]]) -> str:
    return render_template(
        "importing/new.html",
        kinds=services.kinds(g.actor),
        kind=request.values.get("kind", ""),
        errors=errors,
        megabytes=setting("importing.max_megabytes"),
    )


@pages.get("/<uid>/mapping")
@needs(RUN)
def mapping(uid: str) -> str:
    """Which column fills which field, and how the file is read."""
    row = services.get(g.actor, uid)
    options = Options.of(row["options"])
    name, errors = request.args.get("template", ""), dict[str, list[str]]()
    if name:
        kept = services.template(row["kind"], name)
        header = services.sample(row, kept)["header"]
        fields = {item.name for item in services.fields_of(services.kind_of(row))}
        options = replace(kept, mapping={c: f for c, f in kept.mapping.items() if c in header and f in fields})
        gone = [(column, field) for column, field in kept.mapping.items() if field not in fields]
        sentence = _("The template fills '%(field)s' from %(column)s, but that field is gone. Choose again.")
        errors = {"mapping": [sentence % {"field": field, "column": column} for column, field in gone]} if gone else {}
    return _mapping(row, options, errors, name)


@pages.post("/<uid>/mapping")
@needs(RUN)
def save_mapping(uid: str) -> AnyResponse | str:
    """Check the file as it is mapped now, or read it anew with another encoding or sheet."""
    row = services.get(g.actor, uid)
    options = Options.of(row["options"])
    try:
        options = _read_options()
        header = services.sample(row, options)["header"]
        if request.form.get("verb") == "look":
            fields = list(services.kind_of(row).fields())
            return _mapping(row, replace(options, mapping=propose(header, fields)), {})
        options = _read_columns(options, header)
        if request.form.get("template_name", "").strip():
            services.keep_template(g.actor, row["kind"], request.form["template_name"], options)
        services.save_options(g.actor, row, options)
    except (Refusal, InputError) as error:
        errors = getattr(error, "errors", None) or {"": [error.message]}
        return Response(_mapping(row, options, errors), 422, mimetype="text/html")
    return redirect(f"/admin/imports/{uid}", 303)


def _read_options() -> Options:
    form = request.form
    names = ("key", "mode", "no_key", "encoding", "separator", "sheet", "dates", "decimals", "zone")
    ticks = {name: name in form for name in ("keep_good", "together")}
    said = {name: form[name].strip() for name in names if name in form}
    if said.get("key") == FIND_OUT:
        said["key"] = ""
    return Options.of(said | ticks)


def _read_columns(options: Options, header: Sequence[str]) -> Options:
    """What was chosen for each column; of one that is left out, the other choices mean nothing."""
    chosen = {name: request.form.get(f"column-{index}", "") for index, name in enumerate(header)}
    used = {name: field for name, field in chosen.items() if field}

    def of(what: str, usual: str) -> dict[str, str]:
        said = {name: request.form.get(f"{what}-{i}", usual) for i, name in enumerate(header) if name in used}
        return {name: value for name, value in said.items() if value != usual}

    collect = of("collect", FIRST) if options.together else {}
    return replace(options, mapping=used, unfit=of("unfit", UNFIT[0]), collect=collect)


def _mapping(row: dict[str, Any], options: Options, errors: Mapping[str, list[str]], template: str = "") -> str:
    kind = services.kind_of(row)
    try:
        sample = services.sample(row, options)
    except InputError as error:
        sample, errors = {"header": [], "rows": []}, errors or {"": [error.message]}
    fields = services.fields_of(kind)
    return render_template(
        "importing/mapping.html",
        row=row,
        options=options,
        errors=errors,
        fields=fields,
        required=[item.title for item in fields if item.required],
        keys=[(FIND_OUT, _("Find out"))]
        + [(item.name, item.title) for item in fields if item.name in (*kind.keys, "uid")],
        sample=sample,
        columns=[
            {
                "name": name,
                "field": options.mapping.get(name, ""),
                "unfit": options.unfit.get(name, UNFIT[0]),
                "collect": options.collect.get(name, FIRST),
                "cells": [cells[i] for cells in sample["rows"] if i < len(cells)],
            }
            for i, name in enumerate(sample["header"])
        ],
        book=row["name"].lower().endswith((".xlsx", ".xlsm")),
        choices={"mode": MODES, "encoding": ENCODINGS, "separator": SEPARATORS, "dates": DATES, "decimals": DECIMALS,
                 "no_key": NO_KEY},
        unfit=UNFIT if any(item.adds for item in fields) else UNFIT[:2],
        hows=HOWS,
        templates=services.templates(row["kind"]),
        template=template,
    )


@pages.get("/<uid>")
@needs(RUN)
def detail(uid: str) -> str:
    """One import: what would happen, how far it is, what it did."""
    return render_template("importing/detail.html", **_detail(uid))


@pages.get("/<uid>/state")
@needs(RUN)
def state(uid: str) -> str:
    """The part of the page that changes, asked for again while a job works."""
    return render_template("importing/_state.html", **_detail(uid))


def _detail(uid: str) -> dict[str, Any]:
    row = services.get(g.actor, uid)
    found = row["report"]
    counts = found.get("counts", {}) if row["state"] == "checked" else row["counts"]
    return {
        "row": row,
        "found": found,
        "counts": showing.counted(counts),
        "failed": counts.get("failed", 0),
        "preview": showing.preview(found.get("preview", []), services.fields_of(services.kind_of(row))),
        "names": showing.NAMES,
        "may_start": services.may_start(row),
    }


@pages.post("/<uid>/<verb>")
@needs(RUN)
def act(uid: str, verb: str) -> AnyResponse:
    """Start, continue, undo or discard an import."""
    row = services.get(g.actor, uid)
    target = f"/admin/imports/{uid}"
    try:
        if verb == "start":
            services.start(g.actor, row)
        elif verb == "continue":
            services.go_on(g.actor, row)
        elif verb == "undo":
            services.start_undo(g.actor, row, rest="rest" in request.form)
        elif verb == "discard":
            services.discard(g.actor, row)
            target = "/admin/imports"
            flash(_("The file is deleted. Nothing was imported."), "success")
        else:
            raise NotFound()
    except NotFound:
        raise
    except EcrmError as error:
        flash(error.message, "danger")
    return redirect(target, 303)


@pages.get("/<uid>/failed.<any(csv, xlsx):ending>")
@needs(RUN)
def failed(uid: str, ending: str) -> Response:
    """The rows that failed, with the reason; corrected, the file can be imported."""
    row = services.get(g.actor, uid)
    key = services.failed_rows(row)
    if not key.endswith(f".{ending}"):
        raise NotFound()
    stem = row["name"].partition(".")[0]
    headers = headers_for(_TYPES[ending], f"{stem}-failed.{ending}", inline=False)
    return Response(_blocks(storage.store().open(key)), headers=headers)


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while block := content.read(_BLOCK):
            yield block


@pages.post("/templates/<kind>/<uid>/delete")
@needs(RUN)
def drop_template(kind: str, uid: str) -> AnyResponse:
    """Forget a mapping."""
    services.drop_template(g.actor, kind, uid)
    flash(_("The template is deleted."), "success")
    return redirect(request.form.get("next", "") if _is_own(request.form.get("next", "")) else "/admin/imports", 303)


def _is_own(path: str) -> bool:
    return path.startswith("/admin/imports/")
