"""May this person be in this room? Asked at every join, every catch-up, and again when rights change."""

from __future__ import annotations

from ecrm_server.access import ANYONE, SIGNED_IN, Actor
from ecrm_server.data import is_away
from ecrm_server.kernel import current
from ecrm_server.realtime.channel import Channel, Message, split_room


def channel_for(actor: Actor, room: str) -> Channel | None:
    """The channel of a room that the actor may join; None for an unknown and for a refused one alike.

    An authorisation that raises refuses, and counts as a fault of the part that declared the channel. While the
    database is away it raises: rooms must not be closed for that.
    """
    generation = current.generation()
    named = split_room(room)
    channel = generation.channel(named[0]) if named else None
    if named is None or channel is None:
        return None
    try:
        return channel if channel.authorise(actor, named[1]) is True else None
    except Exception as error:  # fail closed; the plugin's fault reaches nobody else
        if is_away(error):
            raise
        generation.fault(owner_of(channel), f"channel {channel.name}", error)
        return None


def owner_of(channel: Channel) -> str:
    """The part that declared a channel."""
    return current.generation().registry.owner.get(f"channels {channel.name}", "")


def may_send(actor: Actor, message: Message) -> bool:
    """Whether the actor holds what a message of a channel asks for."""
    if message.permission == SIGNED_IN:
        return actor.is_authenticated
    return message.permission == ANYONE or actor.may(message.permission)
