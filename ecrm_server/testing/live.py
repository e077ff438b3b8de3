"""The test's site on a port of its own, and sockets to it: what is live can be tested live."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import simple_websocket
from werkzeug.serving import WSGIRequestHandler, make_server

from ecrm_server.kernel.site import Site
from ecrm_server.testing.browser import Browser

PATIENCE = 5.0
"""Seconds that a socket waits for an answer or event."""


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Requests of tests are not news."""


class Socket:
    """One Socket.IO connection, as a page has it. Use ``join``, ``send``, ``leave`` and ``next``."""

    def __init__(self, address: str, origin: str, cookie: str) -> None:
        headers = {"Origin": origin, **({"Cookie": cookie} if cookie else {})}
        url = address.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._wire = simple_websocket.Client.connect(url, headers=headers)
        self._events: deque[dict[str, Any]] = deque()
        self._answers: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        self._take(PATIENCE)
        self._wire.send("40")
        self._take(PATIENCE)

    def join(self, channel: str, since: int | None = None) -> dict[str, Any]:
        """Join a channel such as ``forums.topic:<uid>``; gives ``{ok, seq, missed}`` or ``{ok: False, error}``."""
        return self._call("join", {"channel": channel, "since": since})

    def leave(self, channel: str) -> dict[str, Any]:
        """Leave a channel."""
        return self._call("leave", {"channel": channel})

    def send(self, channel: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Send a declared message to a channel."""
        return self._call("send", {"channel": channel, "name": name, "data": data})

    def next(self, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next event ``{channel, name, seq, at, ref}``. Raises TimeoutError when none comes."""
        deadline = time.monotonic() + seconds
        while not self._events:
            self._take(deadline - time.monotonic())
        return self._events.popleft()

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def _call(self, act: str, argument: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._wire.send(f"42{number}{json.dumps([act, argument])}")
        deadline = time.monotonic() + PATIENCE
        while number not in self._answers:
            self._take(deadline - time.monotonic())
        answer: dict[str, Any] = self._answers.pop(number)
        return answer

    def _take(self, seconds: float) -> None:
        frame = self._wire.receive(max(seconds, 0.001))
        if frame is None:
            raise TimeoutError("nothing came over the socket")
        text = str(frame)
        if text == "2":
            self._wire.send("3")
        elif text.startswith("42"):
            self._events.append(json.loads(text[2:])[1])
        elif text.startswith("43"):
            start = text.index("[")
            self._answers[int(text[2:start])] = json.loads(text[start:])[0]


class LiveSite:
    """The running site: courier and live updates work by themselves."""

    def __init__(self, site: Site, address: str) -> None:
        self.site = site
        self.address = address
        self._sockets: list[Socket] = []

    def socket(self, browser: Browser | None = None) -> Socket:
        """A socket of a visitor, or of the person signed in in ``browser``."""
        cookie = (
            browser.client.get_cookie("ecrm_session", domain="localhost") if browser is not None else None
        )
        origin = self.site.config.base_url
        made = Socket(self.address, origin, f"ecrm_session={cookie.value}" if cookie is not None else "")
        self._sockets.append(made)
        return made

    def close(self) -> None:
        """Close every socket."""
        for socket in self._sockets:
            socket.close()


@contextmanager
def running(site: Site) -> Iterator[LiveSite]:
    """Serve a site while the block runs."""
    site.start()
    web = make_server("127.0.0.1", 0, site.dispatcher, threaded=True, request_handler=_Quiet)
    web.daemon_threads = True  # type: ignore[attr-defined]  # make_server gives a threaded one
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    live = LiveSite(site, f"http://localhost:{web.server_port}")
    try:
        yield live
    finally:
        live.close()
        web.shutdown()
        site.stop()
        web.server_close()
        thread.join()
