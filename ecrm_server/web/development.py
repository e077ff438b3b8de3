"""What a developer sees instead of the page that says that something broke: plugin, place and trace."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from flask import render_template, request
from werkzeug.wrappers import Response

from ecrm_server.kernel.discovery import NAMESPACE
from ecrm_server.web.app import current_app


@dataclass(frozen=True, slots=True)
class Fault:
    """Where an error comes from. plugin: empty for the core. where: the endpoint, or the file and line of the raise."""

    plugin: str
    where: str
    line: str
    trace: str


def fault_of(error: BaseException) -> Fault:
    """Find the plugin that raised, or whose page was asked for, and the last line of its own code."""
    plugin = current_app().route_owner.get(request.endpoint or "", "")
    part = current_app().generation.parts.get(plugin)
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(f"{NAMESPACE}."):
            plugin = module.split(".")[1]
            line = f"{frame.f_code.co_filename}, line {number}, in {frame.f_code.co_name}"
    is_plugin = bool(line) or (part is not None and not part.is_core)
    trace = "".join(traceback.format_exception(error))
    return Fault(plugin if is_plugin else "", request.endpoint or request.path, line, trace)


def page(error: BaseException) -> Response:
    """The fault as a page; it uses no frame, which may be what is broken."""
    title = f"{type(error).__name__}: {error}"
    return Response(render_template("errors/trace.html", fault=fault_of(error), title=title), 500, mimetype="text/html")
