"""The page of the desk."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from ecrm_server.api import NavItem, PluginBlueprint, channel_position, list_page, needs

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


@pages.get("/all")
@needs(READ.name)
def all_parcels() -> ResponseReturnValue:
    """Every parcel, as a list."""
    return list_page("parcels.parcels", template="parcels/all.html")


@pages.get("/parcel/<uid>")
@needs(READ.name)
def parcel(uid: str) -> str:
    """One parcel."""
    return render_template("parcels/parcel.html", parcel=services.parcel(uid))
