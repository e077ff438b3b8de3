"""The page of the desk."""

from __future__ import annotations

from flask import render_template

from ecrm_server.api import NavItem, PluginBlueprint, channel_position, needs

from . import services
from .desk import READ, ROOM

pages = PluginBlueprint("parcels", __name__)

MENU = [NavItem("parcels", "Parcels", "/parcels/", icon="mail", permission=READ.name)]


@pages.get("/")
@needs(READ.name)
def index() -> str:
    """The parcels at the desk."""
    position = channel_position(ROOM)
    return render_template("parcels/index.html", parcels=services.parcels(), room=ROOM, position=position)


@pages.get("/list")
@needs(READ.name)
def listed() -> str:
    """The list alone."""
    return render_template("parcels/_list.html", parcels=services.parcels())
