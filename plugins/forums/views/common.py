"""What several views need."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from ecrm_server.api import Actor, EcrmError, NotFound, Refusal

Answer = str | Response | tuple[str, int]


def actor() -> Actor:
    """Who makes the request."""
    found: Actor = g.actor
    return found


def wants_json() -> bool:
    """Whether a script of ours asks, which reads JSON."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def after_key() -> list[Any] | None:
    """The key of ``?after=`` in a list. Raises NotFound for one that no page gave out."""
    text = request.args.get("after", "")
    if not text:
        return None
    try:
        key = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotFound() from error
    if not isinstance(key, list) or not all(type(item) is int and abs(item) < 2**62 for item in key):
        raise NotFound()
    return key


def acted(url: str, message: str, act: Callable[[], Any]) -> Response:
    """Do something that a button asked for and go back to the page, with one sentence on how it went."""
    try:
        act()
        if message:
            flash(message, "success")
    except Refusal as refusal:
        flash(refusal.message, "danger")
    return redirect(url, 303)


def errors_of(error: EcrmError) -> dict[str, list[str]]:
    """What is wrong by field, for a form that is shown again."""
    found = getattr(error, "errors", None)
    return found or {"_schema": [error.message]}
