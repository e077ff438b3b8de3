"""The live server of a process: permanent sockets, handed from generation to generation."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.data import database
from ecrm_server.kernel import current
from ecrm_server.realtime import control, hub, rights, visitor
from ecrm_server.realtime.hub import Hub
from ecrm_server.realtime.members import Member
from ecrm_server.realtime.presence import Here, Presence
from ecrm_server.realtime.redis_bus import Bus
from ecrm_server.realtime.store import Push, Replay
from ecrm_server.realtime.transport import Transport

if TYPE_CHECKING:
    from ecrm_server.access import Actor
    from ecrm_server.config import Config

log = logging.getLogger(__name__)

FRESH = 2.0
"""Seconds for which a person's rights are believed without asking again."""
RECHECK = 300.0
"""Seconds after which a quiet socket's session is looked at again (it may have run out)."""
RECONNECT_WITHIN = 10_000
"""Milliseconds over which clients spread their reconnection after a restart."""


class Live:
    """Sockets, rooms and people of one process. It holds no generation: each message is served by the newest."""

    def __init__(
        self,
        config: Config,
        *,
        actor_of: Callable[[str], Actor] = visitor.actor_of,
        cookie_of: Callable[[dict[str, Any]], str] = visitor.cookie_of,
    ) -> None:
        self._actor_of, self._cookie_of = actor_of, cookie_of
        self.members: dict[str, Member] = {}
        self.bus = (
            Bus(config.redis_url, config.secret_key, self._heard, self._bus_back)
            if config.redis_url
            else None
        )
        self.hub = Hub(self, reliable=lambda: self.bus is not None and self.bus.healthy)
        self.presence = Presence(self._who_is_here, self.tell_others, self.emit)
        self.transport = Transport(config, self)
        self._stopping = threading.Event()
        self._ask_all = threading.Event()
        self._ended: list[tuple[float, Any]] = []

    def start(self) -> None:
        """Start following the rooms. Once per process, after a fork."""
        self.hub.start()
        hub.use(self.hub)
        if self.bus is not None:
            self.bus.start()
        threading.Thread(target=self._keep, name="live-keeper", daemon=True).start()

    def stop(self) -> None:
        """Tell every client to come back in a while, close the sockets and end the threads."""
        self.presence.withdraw()
        self.transport.broadcast(_notice("disconnected", {"reason": "restart", "within": RECONNECT_WITHIN}))
        for member in list(self.members.values()):
            self.transport.disconnect(member)
        self._stopping.set()
        self._ask_all.set()
        if hub.current() is self.hub:
            hub.use(None)
        self.hub.stop()
        if self.bus is not None:
            self.bus.stop()
        self.transport.wait_until_closed()

    # ------------------------------------------------------------------ people

    def connect(self, sid: str, environ: dict[str, Any]) -> bool:
        """Admit a socket; False when its session was revoked while it connected."""
        seen = self.hub.control_position()
        with self.serving() as number:
            cookie = self._cookie_of(environ)
            member = Member(sid, cookie, self._actor_of(cookie), environ.get("ecrm.wire"), number)
            self.members[sid] = member
            if self.hub.control_position() != seen and not self.refresh(member, force=True):
                del self.members[sid]
                return False
        return True

    def disconnect(self, sid: str) -> None:
        """Forget a socket that ended."""
        member = self.members.pop(sid, None)
        if member is None:
            return
        member.gone = True
        for room in list(member.rooms):
            self.leave(member, room)
        self._ended.append((time.monotonic() + FRESH, member.wire))

    def refresh(self, member: Member, *, force: bool = False) -> bool:
        """Make sure that the person's rights are those of now; False when the session is over (the socket is cut)."""
        generation = current.generation()
        fresh = time.monotonic() - member.checked_at < FRESH and member.generation == generation.number
        if fresh and not force:
            return not member.gone
        actor = self._actor_of(member.cookie)
        if actor.account_id != member.actor.account_id:
            self.cut(member)
            return False
        member.actor, member.checked_at, member.generation = actor, time.monotonic(), generation.number
        return not member.gone

    def cut(self, member: Member) -> None:
        """End a socket whose session is over."""
        self.transport.send(member.sid, _notice("disconnected", {"reason": "session"}))
        self.transport.disconnect(member)

    @contextmanager
    def serving(self) -> Iterator[int]:
        """A database connection and the newest generation for one message; gives the generation's number."""
        newest = current.newest()
        if newest is None:
            raise RuntimeError("no generation is in force")
        with database.connection_context(), current.serving(newest):
            yield newest.number

    # ------------------------------------------------------------------- rooms

    def join(self, member: Member, room: str, since: int | None) -> Replay | None:
        """Take a member into a room; see Hub.join."""

        def enter() -> None:
            if member.gone:
                raise ConnectionError("the socket ended while it joined")
            self.transport.enter(member.sid, room)
            member.rooms.add(room)

        return self.hub.join(room, member.sid, since, enter)

    def leave(self, member: Member, room: str) -> None:
        """Take a member out of a room; nothing happens when it is not in it."""
        if room not in member.rooms:
            return
        member.rooms.discard(room)
        self.transport.leave(member.sid, room)
        self.hub.leave(room, member.sid)
        if self._has_presence(room):
            self.presence.changed(room)

    def close(self, member: Member, room: str) -> None:
        """Take a member out of a room that is no longer open to it, and say so."""
        self.leave(member, room)
        ref = room.partition(":")[2]
        self.transport.send(member.sid, _notice("closed", {}, channel=room, ref=ref))

    def say(self, room: str, payload: dict[str, Any], *, skip: str | None = None) -> None:
        """Pass a message that is not kept to everybody else in a room, in every process."""
        self.transport.emit(room, payload, skip=skip)
        self.tell_others({"say": [room, payload]})

    def emit(self, room: str, payload: dict[str, Any]) -> None:
        """To the local sockets in a room."""
        self.transport.emit(room, payload)

    # --------------------------------------------------------- other processes

    def wake_others(self, rooms: list[str]) -> None:
        """Tell the other processes that rooms moved."""
        self.tell_others({"moved": rooms})

    def tell_others(self, message: dict[str, Any]) -> None:
        """Publish to the other processes, where there can be any."""
        if self.bus is not None:
            self.bus.publish(message)

    def _heard(self, message: dict[str, Any]) -> None:
        if "moved" in message:
            self.hub.notify(message["moved"])
        elif "say" in message:
            room, payload = message["say"]
            self.transport.emit(room, payload)
        else:
            self.presence.heard(message)

    def _bus_back(self) -> None:
        self.hub.poll_now()

    def control(self, push: Push) -> None:
        """A session was revoked, or rights changed, somewhere."""
        if push.name == control.RIGHTS:
            self._ask_all.set()
            return
        for member in list(self.members.values()):
            if member.actor.session_key == push.ref:
                self.cut(member)

    def tick(self) -> None:
        """The hub's turn for small things."""
        self.presence.tick()
        while self._ended and self._ended[0][0] < time.monotonic():
            wire = self._ended.pop(0)[1]
            if wire is not None:
                wire.shut()

    # --------------------------------------------------- changed rights, swaps

    def ask_all(self) -> None:
        """Ask again, soon, whether everybody may still be where they are (a generation was swapped)."""
        self._ask_all.set()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            everybody = self._ask_all.wait(FRESH)
            self._ask_all.clear()
            for member in list(self.members.values()):
                stale = time.monotonic() - member.checked_at > RECHECK
                if (everybody or stale) and not self._stopping.is_set():
                    self._ask_again(member)
                    time.sleep(0)  # other greenlets first

    def _ask_again(self, member: Member) -> None:
        try:
            with self.serving():
                if not self.refresh(member, force=True):
                    return
                for room in list(member.rooms):
                    if rights.channel_for(member.actor, room) is None:
                        self.close(member, room)
        except Exception:  # the database is away for a moment; every join and send asks anyway
            log.exception("a socket's rights could not be asked again")

    def _has_presence(self, room: str) -> bool:
        newest = current.newest()
        channel = newest.channel(room.partition(":")[0]) if newest else None
        return channel is not None and channel.presence

    def _who_is_here(self, room: str) -> Here:
        """Whom the others see in a room; whoever looks as somebody else is not there."""
        present = (self.members[sid].actor for sid in self.hub.sids(room) if sid in self.members)
        actors = [actor for actor in present if not actor.only_looks]
        people = sorted({(actor.uid, actor.name) for actor in actors if actor.is_authenticated})
        return Here(tuple(people), sum(not actor.is_authenticated for actor in actors))


def _notice(
    name: str, data: dict[str, Any], *, channel: str | None = None, ref: str | None = None
) -> dict[str, Any]:
    return {"channel": channel, "name": name, "seq": None, "at": clock.now(), "ref": ref, "data": data}
