"""The live server as the process sees it: set up once, told of every generation, drained at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ecrm_server.realtime.live import Live

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ecrm_server.kernel.generation import Generation
    from ecrm_server.kernel.site import Site

_live: Live | None = None


def setup(site: Site) -> None:
    """Start the live server of this process and connect it to the dispatcher. After a fork, never before."""
    begin(Live(site.config))
    site.dispatcher.socket_app = serve
    if on_generation not in site.dispatcher.on_publish:
        site.dispatcher.on_publish.append(on_generation)


def begin(live: Live) -> None:
    """Make a live server that of this process, and start it."""
    global _live
    drain()
    _live = live
    live.start()


def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Hand a request for a path below /socket.io to the live server of this process; 503 while there is none."""
    live = _live
    if live is None:
        start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "2")])
        return [b"The live server is not running."]
    return live.transport(environ, start_response)


def on_generation(generation: Generation) -> None:
    """Close the rooms of channels that are gone and ask for everybody's rights again, in the background."""
    if _live is not None:
        _live.ask_all()


def drain() -> None:
    """Ask every client to come back in a while, close the sockets and stop."""
    global _live
    live, _live = _live, None
    if live is not None:
        live.stop()


def state() -> dict[str, Any]:
    """For metrics and the health page: local sockets and rooms, and whether Redis wakes us (None without Redis)."""
    if _live is None:
        return {"running": False, "sockets": 0, "rooms": 0, "redis": None}
    bus = _live.bus
    return {
        "running": True,
        "sockets": len(_live.members),
        "rooms": len(_live.hub.rooms()),
        "redis": None if bus is None else bus.healthy,
    }
