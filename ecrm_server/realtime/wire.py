"""One websocket, held to its bounds: which frames come in, how fast, and how much may wait to go out."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

from socketio.packet import EVENT, Packet

from ecrm_server.realtime.limits import Window

log = logging.getLogger(__name__)

ACTS = ("join", "leave", "send")
MAX_FRAME = 16 * 1024
"""Bytes of the largest message a client may send."""
MAX_WAITING = 1024 * 1024
"""Bytes that may wait for a slow client before it is cut."""
FRAMES_PER_TEN_SECONDS = 300
_PACKET_COST = 256
_FRAME = re.compile(r"1|3|4[0-4](?:[^\x00]*)", re.DOTALL)
"""Engine.IO close and pong, and Socket.IO connect, disconnect, event, ack, error: text only, nothing binary."""


class SafePacket(Packet):
    """A Socket.IO packet that turns whatever is malformed or unknown into an event nobody handles."""

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; never raises and never asks for binary attachments."""
        try:
            super().decode(encoded_packet)
        except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
            return self._nothing()
        if self.packet_type == EVENT and not _is_event(self.data):
            return self._nothing()
        return 0

    def _nothing(self) -> int:
        self.packet_type, self.namespace, self.id, self.data = EVENT, None, None, ["malformed"]
        return 0


def _is_event(data: Any) -> bool:
    """Whether it names something that clients may ask for: "connect" and "disconnect" are the server's own names."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] in ACTS


def bounded_queue(base: type, limit: int = MAX_WAITING) -> type:
    """A send queue class that counts waiting bytes and calls ``overflowed`` once they are too many."""

    class BoundedQueue(base):
        waiting = 0
        overflowed: Callable[[], None] | None = None

        def put(self, item: Any, *args: Any, **kwargs: Any) -> None:
            if self.waiting > limit and item is not None:
                if self.overflowed is not None:
                    self.overflowed()
                return
            self.waiting += _cost(item)
            super().put(item, *args, **kwargs)

        def get(self, *args: Any, **kwargs: Any) -> Any:
            item = super().get(*args, **kwargs)
            self.waiting -= _cost(item)
            return item

    return BoundedQueue


def _cost(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return _PACKET_COST + (len(data) if isinstance(data, str | bytes) else 0)


class WholeSends:
    """A socket whose ``send`` sends everything: a non-blocking one may take half a frame and break the stream."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of it; frames of several threads do not mix."""
        with self._lock:
            self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def wire_class(base: type, opened: set[Any]) -> type:
    """The websocket class of an async mode, with our bounds; ``opened`` holds those that are in use."""

    class Wire(base):
        """Made by Engine.IO for each websocket; ``environ["ecrm.wire"]`` leads to it."""

        def __init__(self, handler: Any, server: Any) -> None:
            super().__init__(self._run, server)
            self.server_args["max_message_size"] = MAX_FRAME
            self._handler = handler
            self._window = Window(FRAMES_PER_TEN_SECONDS)

        def __call__(self, environ: Any, start_response: Any) -> Any:
            environ["ecrm.wire"] = self
            opened.add(self)
            try:
                return super().__call__(environ, start_response)
            finally:
                opened.discard(self)

        def _run(self, _wire: Any) -> Any:
            self.ws.sock = WholeSends(self.ws.sock)
            self._handler.__self__.queue.overflowed = self._cut_slow_client
            return self._handler(self)

        def wait(self) -> str | None:
            """The next acceptable frame; None ends the connection."""
            while (frame := super().wait()) is not None:
                if not self._window.allow():
                    log.info("a socket sent too many frames and was cut")
                    return None
                if isinstance(frame, str) and _FRAME.fullmatch(frame):
                    return frame
            return None

        def _cut_slow_client(self) -> None:
            log.info("a socket could not take what was sent to it and was cut")
            self.shut()

        def shut(self) -> None:
            """End the connection at once, whatever waits to be sent."""
            with contextlib.suppress(OSError):
                self.ws.sock.shutdown(socket.SHUT_RDWR)

    return Wire
