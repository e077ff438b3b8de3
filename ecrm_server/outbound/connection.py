"""One connection to a pinned address, with a deadline and a byte limit on everything that comes back."""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
import time
from typing import Any

from ecrm_server.outbound.errors import OutboundFailed

_HEADER_ROOM = 64 * 1024
"""Bytes that status line, headers and chunk sizes may take beside the body."""


class Deadline:
    """A moment on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain. Raises OutboundFailed when there are none."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise OutboundFailed("The other server was too slow.")
        return seconds


class PinnedConnection(http.client.HTTPConnection):
    """An HTTP connection that goes to `address`, whatever `host` would resolve to by now.

    Host header, SNI and the certificate's name are those of `host`. Timeouts of single operations would let a
    server drip for ever, so that the deadline is asked before each of them.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        address: str,
        deadline: Deadline,
        context: ssl.SSLContext | None,
        max_bytes: int,
    ) -> None:
        super().__init__(host, port)
        self._address, self._deadline, self._context = address, deadline, context
        self._max_bytes = max_bytes + _HEADER_ROOM
        self._connected: socket.socket | None = None
        # What the Host header leaves out.
        self.default_port = 443 if context else 80

    def connect(self) -> None:
        """Open the socket and, for https, shake hands."""
        connected = socket.create_connection((self._address, self.port), timeout=self._deadline.left())
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                secure = self._context.wrap_socket(
                    connected, server_hostname=self.host, do_handshake_on_connect=False
                )
                connected = secure
                _shake_hands(secure, self._deadline)
        except BaseException:
            connected.close()
            raise
        self._connected = connected
        self.sock = _LimitedSocket(connected, self._deadline, self._max_bytes)

    def release(self) -> None:
        """Close the socket itself. `close` does not: http.client calls it before the answer has been read."""
        self.close()
        if self._connected is not None:
            self._connected.close()


def _shake_hands(connected: ssl.SSLSocket, deadline: Deadline) -> None:
    connected.setblocking(False)
    while True:
        try:
            connected.do_handshake()
        except ssl.SSLWantReadError:
            _wait(connected, select.POLLIN, deadline)
        except ssl.SSLWantWriteError:
            _wait(connected, select.POLLOUT, deadline)
        else:
            return


def _wait(connected: ssl.SSLSocket, event: int, deadline: Deadline) -> None:
    # Not select(): it knows no file numbers above 1,023, and a server with many sockets has them.
    poll = select.poll()
    poll.register(connected, event)
    poll.poll(deadline.left() * 1000)


class _LimitedSocket:
    """What http.client needs of a socket, with the limits."""

    def __init__(self, connected: socket.socket, deadline: Deadline, max_bytes: int) -> None:
        self._socket, self._deadline, self._left = connected, deadline, max_bytes

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)

    def makefile(self, _mode: str, *_args: object) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def receive_into(self, buffer: Any) -> int:
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise OutboundFailed("The other server's answer is too large.")
        return count

    def close(self) -> None:
        """The connection releases the socket when the answer has been read."""


class _Reader(io.RawIOBase):
    def __init__(self, limited: _LimitedSocket) -> None:
        self._limited = limited

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._limited.receive_into(buffer)
