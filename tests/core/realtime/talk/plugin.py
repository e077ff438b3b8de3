"""Rooms with lines, for the tests of live updates."""

from __future__ import annotations

from marshmallow import Schema, fields

from ecrm_server.api import Channel, Message, Permission, hookimpl

from .services import Said
from .views import pages


class TypingSchema(Schema):
    on = fields.Boolean(required=True)


def may_listen(actor, ref):
    if ref == "broken":
        raise LookupError("this room cannot be looked up")
    if ref.startswith("staff"):
        return actor.may("talk.listen_staff")
    return ref.startswith("open") or ref == f"own-{actor.uid}"


ROOM = Channel(
    "talk.room",
    may_listen,
    events={Said.name: lambda event: [(event.room, event.line)]},
    messages=(Message("talk.typing", TypingSchema, "talk.type", rate=5),),
    presence=True,
)


@hookimpl
def permissions():
    return [
        Permission("talk.listen_staff", "Listen to staff", default=("staff",)),
        Permission("talk.type", "Tell that one types", default=("member",)),
    ]


@hookimpl
def blueprints():
    return [pages]


@hookimpl
def channels():
    return [ROOM]


@hookimpl
def events():
    return [Said]
