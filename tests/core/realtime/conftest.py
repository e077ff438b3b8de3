"""A real site with the plugin ``talk``, served by a threaded server in this process."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from ecrm_server.identity.testing import make_account, session_cookie
from ecrm_server.kernel.site import Site
from ecrm_server.realtime import server
from tests.core.realtime.client import Client

TALK = Path(__file__).parent / "talk"


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Requests of tests are not news."""


class Served:
    """The running site: ``port``, new sockets by ``client()``, and the plugin's ``say`` and ``lines``."""

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        self.port = port
        self._clients: list[Client] = []

    def client(self, **options: Any) -> Client:
        client = Client(self.port, **options)
        self._clients.append(client)
        return client

    def signed_in(self, name: str, *roles: str) -> tuple[Client, Any]:
        account = make_account(name, roles=roles)
        return self.client(cookie=session_cookie(account)), account

    def say(self, room: str, text: str = "hello") -> str:
        return sys.modules["ecrm_plugins.talk.services"].say(room, text)

    def lines(self, room: str) -> set[str]:
        return sys.modules["ecrm_plugins.talk.services"].lines(room)

    def wires(self) -> list[Any]:
        """The open websockets, as the server holds them."""
        return [member.wire for member in server._live.members.values()]

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture
def talk_site(tmp_path: Path, make_site: Callable[..., Site]) -> Callable[..., Site]:
    """A function that opens the site with the plugin ``talk``; nothing is served yet."""

    def make(**settings: Any) -> Site:
        shutil.copytree(
            TALK, tmp_path / "instance" / "plugins" / "talk", ignore=shutil.ignore_patterns("__pycache__")
        )
        return make_site("talk", **settings)

    return make


@pytest.fixture
def served(talk_site: Callable[..., Site]) -> Iterator[Served]:
    """The site with courier, watcher and live server, on a port of its own."""
    site = talk_site()
    site.start()
    web = make_server("127.0.0.1", 0, site.dispatcher, threaded=True, request_handler=_Quiet)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    running = Served(site, web.server_port)
    yield running
    running.close()
    web.shutdown()
    site.stop()
    web.server_close()
    thread.join()
