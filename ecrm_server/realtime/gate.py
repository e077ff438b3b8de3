"""What clients may ask of the server: join, leave and send. Everything they send is checked here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import marshmallow
from marshmallow import fields, validate

from ecrm_server import clock
from ecrm_server.kernel import current
from ecrm_server.realtime import rights
from ecrm_server.realtime.members import MAX_ROOMS

if TYPE_CHECKING:
    from ecrm_server.realtime.channel import Channel, Message
    from ecrm_server.realtime.live import Live
    from ecrm_server.realtime.members import Member

REFUSED = "refused"
"""There is no such channel, or it is not for this person: the answer does not tell which."""
INVALID = "invalid"
TOO_MANY = "too_many"
BUSY = "busy"
_MAX_MESSAGE = 4096
_LATEST = 2**53


class _Room(marshmallow.Schema):
    channel = fields.String(required=True, validate=validate.Length(min=3, max=120))


class _Join(_Room):
    since = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(0, _LATEST)
    )


class _Send(_Room):
    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    data = fields.Dict(keys=fields.String(), load_default=dict)


SCHEMAS: dict[str, marshmallow.Schema] = {"join": _Join(), "leave": _Room(), "send": _Send()}


def answer(live: Live, member: Member, act: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """Do what a client asks and return its acknowledgement: ``{ok: true, ...}`` or ``{ok: false, error}``."""
    if not member.acts.allow():
        return _no(TOO_MANY)
    if len(args) != 1 or not isinstance(args[0], dict):
        return _no(INVALID)
    try:
        asked = SCHEMAS[act].load(args[0])
    except marshmallow.ValidationError:
        return _no(INVALID)
    if act == "leave":
        live.leave(member, asked["channel"])
        return {"ok": True}
    if not live.refresh(member):
        return _no(REFUSED)
    return _join(live, member, **asked) if act == "join" else _send(live, member, **asked)


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


def _join(live: Live, member: Member, channel: str, since: int | None) -> dict[str, Any]:
    declared = rights.channel_for(member.actor, channel)
    if declared is None:
        return _no(REFUSED)
    if len(member.rooms) >= MAX_ROOMS and channel not in member.rooms:
        return _no(TOO_MANY)
    replay = live.join(member, channel, since)
    if replay is None:
        return _no(BUSY)
    told = replay.answer()
    if declared.presence:
        live.presence.changed(channel)
        told["presence"] = live.presence.snapshot(channel)
    return told


def _send(live: Live, member: Member, channel: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    if member.actor.only_looks:
        return _no(REFUSED)
    declared = rights.channel_for(member.actor, channel) if channel in member.rooms else None
    if declared is None:
        return _no(REFUSED)
    message = next((item for item in declared.messages if item.name == name), None)
    if message is None or not rights.may_send(member.actor, message):
        return _no(REFUSED)
    if not member.may_send(channel, name, message.rate):
        return _no(TOO_MANY)
    checked = _checked(declared, message, data)
    if checked is None:
        return _no(INVALID)
    head = {"channel": channel, "name": name, "seq": None, "at": clock.now(), "ref": None}
    sender = {"uid": member.actor.uid, "name": member.actor.name}
    live.say(channel, head | {"data": checked, "actor": sender}, skip=member.sid)
    return {"ok": True}


def _checked(declared: Channel, message: Message, data: dict[str, Any]) -> dict[str, Any] | None:
    try:
        schema = message.schema()
        checked = schema.dump(schema.load(data, unknown=marshmallow.RAISE))
        return checked if len(json.dumps(checked)) <= _MAX_MESSAGE else None
    except marshmallow.ValidationError:
        return None
    except Exception as error:  # the plugin's schema is at fault, not the client
        current.generation().fault(rights.owner_of(declared), f"message {message.name}", error)
        return None
