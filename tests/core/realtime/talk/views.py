"""Saying a line over HTTP, so that a test can let another process do it."""

from __future__ import annotations

from flask import render_template, request

from ecrm_server.api import ANYONE, PluginBlueprint, needs
from ecrm_server.realtime import server, store

from .services import say

pages = PluginBlueprint("talk", __name__)


@pages.get("/say/<room>")
@needs(ANYONE)
def say_page(room):
    return say(room, request.args["text"])


@pages.get("/sockets")
@needs(ANYONE)
def sockets():
    return str(server.state()["sockets"])


@pages.get("/room/<ref>")
@needs(ANYONE)
def room(ref):
    return render_template("talk/room.html", ref=ref, seq=store.position(f"talk.room:{ref}"))
