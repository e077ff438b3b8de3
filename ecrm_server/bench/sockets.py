"""A browser's socket for benchmarks: joins one channel and hands on its events."""

from __future__ import annotations

import json
import time
from typing import Any

from ecrm_server.bench.case import Skip

PATIENCE = 10.0


class Listener:
    """A Socket.IO connection over a bare websocket that has joined a channel."""

    def __init__(self, port: int, cookie: str, channel: str) -> None:
        try:
            import websocket
        except ImportError as error:
            raise Skip("It needs websocket-client: make bench installs it.") from error
        self._socket = websocket.create_connection(
            f"ws://localhost:{port}/socket.io/?EIO=4&transport=websocket",
            timeout=PATIENCE, origin=f"http://localhost:{port}", cookie=cookie,
        )  # fmt: skip
        assert self._frame().startswith("0")
        self._socket.send("40")
        assert self._frame().startswith("40")
        self._socket.send(f"421{json.dumps(['join', {'channel': channel, 'since': None}])}")
        answer = self._frame()
        while not answer.startswith("431"):
            answer = self._frame()

    def _frame(self) -> str:
        """The next frame that is no heartbeat."""
        while True:
            frame = str(self._socket.recv())
            if frame != "2":
                return frame
            self._socket.send("3")

    def wait_for(self, name: str) -> dict[str, Any]:
        """The next event of this name. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frame = self._frame()
            if frame.startswith("42"):
                payload: dict[str, Any] = json.loads(frame[2:])[1]
                if payload["name"] == name:
                    return payload
        raise TimeoutError(f"no event {name} within {PATIENCE:.0f} s")

    def close(self) -> None:
        """End the connection."""
        self._socket.close()
