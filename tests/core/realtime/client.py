"""A Socket.IO client over a bare websocket, so that tests see and send single frames."""

from __future__ import annotations

import itertools
import json
import time
from collections import deque
from typing import Any

import websocket


class Closed(Exception):
    """The server ended the connection."""


class Client:
    """One socket. ``events`` are those that arrived while something else was waited for."""

    def __init__(self, port: int, *, cookie: str = "", origin: str | None = "", connect: bool = True) -> None:
        where = f"http://localhost:{port}" if origin == "" else origin
        self.socket = websocket.create_connection(
            f"ws://localhost:{port}/socket.io/?EIO=4&transport=websocket",
            timeout=5,
            origin=where,
            suppress_origin=where is None,
            cookie=cookie or None,
        )
        self.events: deque[dict[str, Any]] = deque()
        self._ids = itertools.count(1)
        self._answers: dict[int, Any] = {}
        assert self.frame().startswith("0")
        if connect:
            self.socket.send("40")
            assert self.frame().startswith("40")

    def frame(self, timeout: float = 5) -> str:
        """The next frame; raises Closed at the end of the connection, TimeoutError when none comes."""
        self.socket.settimeout(max(timeout, 0.001))
        try:
            received = self.socket.recv()
        except websocket.WebSocketTimeoutException as error:
            raise TimeoutError from error
        except (websocket.WebSocketException, OSError) as error:
            raise Closed from error
        if not received:
            raise Closed
        return str(received)

    def pump(self, timeout: float = 5) -> None:
        """Take one frame in."""
        frame = self.frame(timeout)
        if frame == "2":
            self.socket.send("3")
        elif frame.startswith("42"):
            name, payload = json.loads(frame[2:])
            assert name == "event"
            self.events.append(payload)
        elif frame.startswith("43"):
            start = frame.index("[")
            self._answers[int(frame[2:start])] = json.loads(frame[start:])[0]

    def call(self, act: str, *args: Any) -> Any:
        """Send an event and wait for its acknowledgement."""
        number = next(self._ids)
        self.socket.send(f"42{number}{json.dumps([act, *args])}")
        deadline = time.monotonic() + 5
        while number not in self._answers:
            self.pump(deadline - time.monotonic())
        return self._answers.pop(number)

    def join(self, channel: str, since: int | None = None) -> Any:
        return self.call("join", {"channel": channel, "since": since})

    def next(self, timeout: float = 5, *, presence: bool = False) -> dict[str, Any]:
        """The next event, those of presence left out."""
        deadline = time.monotonic() + timeout
        while True:
            while self.events:
                event = self.events.popleft()
                if presence or event["name"] != "presence":
                    return event
            self.pump(deadline - time.monotonic())

    def nothing_within(self, seconds: float) -> bool:
        """Whether no event comes for a while."""
        try:
            self.next(seconds)
        except TimeoutError:
            return True
        return False

    def seconds_until_closed(self, at_most: float = 5) -> float:
        """How long the server takes to end the connection; raises TimeoutError when it does not."""
        started = time.monotonic()
        while True:
            try:
                self.pump(started + at_most - time.monotonic())
            except Closed:
                return time.monotonic() - started

    def close(self) -> None:
        self.socket.close()
        self.socket.shutdown()
