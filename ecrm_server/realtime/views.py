"""Live updates for browsers that cannot open a websocket, and the self-test."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, request
from werkzeug.wrappers import Response

from ecrm_server.access import ANYONE, needs
from ecrm_server.errors import Refusal
from ecrm_server.realtime import channels, services
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("live", __name__, url_prefix="/live")


@pages.get("")
@needs(ANYONE)
def catch_up() -> Response:
    """What happened in some rooms: ``?channels=forums.topic:8fJk2LmN9pQr:17,...``, each with the last number seen."""
    asked = [_position(item) for item in request.args.get("channels", "").split(",") if item]
    return jsonify(channels=services.catch_up(g.actor, dict(asked)))


def _position(item: str) -> tuple[str, int | None]:
    room, _, since = item.rpartition(":")
    if since and not (since.isascii() and since.isdigit() and len(since) < 16):
        raise Refusal(f"'{item[:140]}' must look like channel:ref:number.", field="channels")
    return room, int(since) if since else None


@pages.post("/selftest")
@needs(channels.SELFTEST_PERMISSION.name)
def selftest() -> tuple[dict[str, Any], int]:
    """Send a test message to the person's own test channel, through outbox, courier and hub."""
    services.send_selftest(g.actor)
    return {}, 202
