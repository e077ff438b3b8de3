"""What a part declares so that pages can be live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import marshmallow

    from ecrm_server.access import Actor
    from ecrm_server.events import Delivered


@dataclass(frozen=True, slots=True)
class Message:
    """Something a client may send to a channel (typing, for example): not stored, no sequence, validated.

    ``permission`` is asked in addition to the channel's own authorisation. ``rate`` is the most that a socket may
    send in ten seconds.
    """

    name: str
    schema: type[marshmallow.Schema]
    permission: str
    rate: int = 20


@dataclass(frozen=True, slots=True)
class Channel:
    """A family of rooms, ``<name>:<ref>``, such as ``forums.topic:8fJk2LmN9pQr``.

    authorise: ``authorise(actor, ref) -> bool``; asked at every join and again when roles change. A refusal reveals
        nothing.
    events: event name -> function giving the refs (public ids) of the rooms that must hear of it. What is pushed is
        only ``{channel, name, seq, at, ref}``: the page fetches the permission-checked fragment itself. The pushed
        ``ref`` is the room's; give pairs ``(room's ref, changed object's ref)`` to push that of what changed, a post
        for example.
    messages: what clients may send.
    presence: whether the room tells who is in it.
    """

    name: str
    authorise: Callable[[Actor, str], bool]
    events: Mapping[str, Callable[[Delivered], Iterable[str | tuple[str, str]]]] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    presence: bool = False

    def room(self, ref: str) -> str:
        return f"{self.name}:{ref}"

    def position(self, ref: str) -> int:
        """The room's latest sequence number, for ``since`` of a page's subscription.

        Read it before the state that the page shows: then state and later events together miss nothing.
        """
        from ecrm_server.realtime import store

        return store.position(self.room(ref))


def split_room(room: Any) -> tuple[str, str] | None:
    """``name:ref`` as a pair, or None when it is no room's name."""
    if not isinstance(room, str) or len(room) > 120:
        return None
    name, separator, ref = room.partition(":")
    return (name, ref) if separator and name and ref else None
