"""Socket.IO itself: one permanent server on a Flask app of its own, websockets only, never a message queue."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flask
from flask_socketio import SocketIO

from ecrm_server.kernel.native import is_gevent
from ecrm_server.realtime import gate, origin
from ecrm_server.realtime.wire import MAX_FRAME, SafePacket, bounded_queue, wire_class

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ecrm_server.config import Config
    from ecrm_server.realtime.live import Live
    from ecrm_server.realtime.members import Member

log = logging.getLogger(__name__)
_quiet = logging.getLogger("ecrm_server.realtime.socketio")
_quiet.setLevel(logging.CRITICAL)  # its messages quote what clients send

PATH = "/socket.io"
CLOSE_SECONDS = 2.0


class Transport:
    """The Socket.IO server of a live server."""

    def __init__(self, config: Config, live: Live) -> None:
        self._config, self._live = config, live
        self._wires: set[Any] = set()
        self._shell = flask.Flask("ecrm_live", static_folder=None, template_folder=None)
        io = SocketIO(
            self._shell,
            path=PATH,
            async_mode="gevent" if is_gevent() else "threading",
            transports=["websocket"],
            cors_allowed_origins=lambda _origin, environ: origin.allowed(config, environ),
            max_http_buffer_size=MAX_FRAME,
            async_handlers=False,
            manage_session=False,
            serializer=SafePacket,
            logger=_quiet,
            engineio_logger=_quiet,
            ping_interval=25,
            ping_timeout=20,
        )
        self._server = io.server
        eio = self._server.eio
        eio._async = eio._async | {"websocket": wire_class(eio._async["websocket"], self._wires)}
        eio.create_queue = bounded_queue(eio._async["queue"])
        self._handle(io)

    def _handle(self, io: SocketIO) -> None:
        for act in gate.SCHEMAS:
            io.on_event(act, self._answer(act))
        io.on_event("connect", self._connected)
        io.on_event("disconnect", self._disconnected)
        io.on_error_default(_failed)

    def _answer(self, act: str) -> Any:
        def handle(*args: Any) -> dict[str, Any] | None:
            member = self._live.members.get(_sid())
            if member is None:
                return None
            with self._live.serving():
                return gate.answer(self._live, member, act, args)

        return handle

    def _connected(self, _auth: Any = None) -> bool:
        return self._live.connect(_sid(), flask.request.environ)

    def _disconnected(self, *_reason: Any) -> None:
        self._live.disconnect(_sid())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI callable for every path below /socket.io."""
        if not origin.allowed(self._config, environ):
            body = b"This origin may not open a socket here."
            start_response(
                "403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
            )
            return [body]
        return self._shell.wsgi_app(environ, start_response)

    def emit(self, room: str, payload: dict[str, Any], *, skip: str | None = None) -> None:
        """Queue an event for every local socket in a room."""
        self._server.emit("event", payload, to=room, skip_sid=skip)

    def send(self, sid: str, payload: dict[str, Any]) -> None:
        """Queue an event for one socket."""
        self._server.emit("event", payload, to=sid)

    def broadcast(self, payload: dict[str, Any]) -> None:
        """Queue an event for every socket."""
        self._server.emit("event", payload)

    def enter(self, sid: str, room: str) -> None:
        """Put a socket into a room. Raises KeyError when the socket is gone."""
        self._server.enter_room(sid, room)

    def leave(self, sid: str, room: str) -> None:
        """Take a socket out of a room."""
        self._server.leave_room(sid, room)

    def disconnect(self, member: Member) -> None:
        """Send what is queued for a socket, then close it; one that does not read is shut soon after."""
        eio_sid = self._server.manager.eio_sid_from_sid(member.sid, "/")
        with contextlib.suppress(KeyError):
            self._server.disconnect(member.sid)
        found = self._server.eio.sockets.get(eio_sid)
        if found is not None:
            found.close(wait=False)

    def wait_until_closed(self) -> None:
        """Give the sockets a moment to send their last words, then end the rest."""
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._wires and time.monotonic() < deadline:
            time.sleep(0.01)
        for wire in list(self._wires):
            wire.shut()
        self._server.shutdown()


def _sid() -> str:
    return str(flask.request.sid)  # type: ignore[attr-defined]


def _failed(error: Exception) -> dict[str, Any]:
    log.error("a socket message failed", exc_info=error)
    return {"ok": False, "error": gate.BUSY}
