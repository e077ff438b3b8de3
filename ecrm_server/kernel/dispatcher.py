"""The only WSGI callable: hands each request to the generation in force and swaps generations atomically."""

from __future__ import annotations

import functools
import gc
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ecrm_server import data
from ecrm_server.data import database
from ecrm_server.kernel import current, native, state
from ecrm_server.kernel.build import build
from ecrm_server.kernel.snapshot import take
from ecrm_server.web.pagecache import PageCache
from ecrm_server.web.templates import CORE_TEMPLATES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ecrm_server.config import Config
    from ecrm_server.kernel.generation import FaultHandler, Generation

log = logging.getLogger(__name__)

SOCKET_PATH = "/socket.io"


_dispatchers: list[Dispatcher] = []
_traffic: Counter[str] = Counter()


def traffic() -> Counter[str]:
    """Requests that this process answered, by class of status (``2xx``)."""
    return _traffic


def refresh_now() -> None:
    """Serve the newest generation in this process before going on."""
    for dispatcher in _dispatchers:
        dispatcher.refresh(wait=True)


def _note_problems(new: Generation) -> None:
    """Write on the cards what changed: why a plugin is left out, or that it works again."""
    with database.connection_context():
        for name, row in new.states.items():
            problem = new.left_out.get(name, "" if name in new.parts else row.problem)
            if problem != row.problem:
                state.note_problem(name, problem)


def _back_in_a_moment(start_response: StartResponse) -> Iterable[bytes]:
    _traffic["5xx"] += 1
    page = (CORE_TEMPLATES / "errors" / "503.html").read_bytes().partition(b"<!doctype")
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Retry-After", "5"), ("Cache-Control", "no-store")]
    start_response("503 SERVICE UNAVAILABLE", headers, sys.exc_info())
    return [page[1] + page[2]]


class Dispatcher:
    """One per process. ``on_publish`` functions are called with each new generation after it is in force."""

    def __init__(self, config: Config, on_fault: FaultHandler) -> None:
        self._config = config
        self._on_fault = on_fault
        self._building = threading.Lock()
        self._published = threading.Condition()
        self._pages = PageCache()
        self._checks_each_request = False
        self.socket_app: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] | None = None
        self.on_publish: list[Callable[[Generation], None]] = []

    def start(self) -> Generation:
        """Build the first generation."""
        first = build(take(self._config), self._on_fault)
        self._checks_each_request = not data.is_postgres()
        self._publish(first)
        _dispatchers[:] = [self]
        return first

    def rehearse(self) -> None:
        """Import what a generation needs by building one that nobody will see."""
        build(take(self._config), self._on_fault)

    def refresh(self, *, wait: bool = True) -> None:
        """Build and publish a new generation if the number in the database moved.

        With ``wait`` it returns once this process serves the new one; otherwise the build goes on by itself.
        """
        newest = current.newest()
        if newest is not None and state.number() == newest.number:
            return
        if wait:
            self._rebuild()
        elif not self._building.locked():
            threading.Thread(target=self._rebuild_quietly, name="rebuild", daemon=True).start()

    def _rebuild_quietly(self) -> None:
        try:
            with database.connection_context():
                self._rebuild()
        except Exception:  # the old generation goes on serving; the watcher tries again
            log.exception("the new generation could not be built")

    def _rebuild(self) -> None:
        with self._building:
            while True:
                newest = current.newest()
                if newest is not None and state.number() == newest.number:
                    return
                del newest  # or this frame would keep the old app alive during the build
                snapshot = take(self._config)
                started = time.process_time()
                built = native.run(functools.partial(build, snapshot, self._on_fault))
                log.info(
                    "generation %s built", built.number, extra={"cpu_seconds": time.process_time() - started}
                )
                self._publish(built)
                del built
                native.run(gc.collect)

    def _publish(self, new: Generation) -> None:
        _note_problems(new)
        current.publish(new)
        self._pages.clear()
        for listener in self.on_publish:
            listener(new)
        with self._published:
            self._published.notify_all()

    def wait_for(self, number: int, seconds: float = 5.0) -> bool:
        """Wait until this process serves a generation at least this new."""
        deadline = time.monotonic() + seconds
        with self._published:
            while (newest := current.newest()) is None or newest.number < number:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._published.wait(remaining):
                    return False
        return True

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(SOCKET_PATH) and self.socket_app is not None:
            return self.socket_app(environ, start_response)
        try:
            with database.connection_context():
                if self._checks_each_request:
                    self.refresh(wait=False)
                generation = current.newest()
                assert generation is not None
                with current.serving(generation):
                    return self._answer(generation, environ, start_response)
        except data.UNAVAILABLE as error:  # no connection, or a dead one: what fails in a view is answered by the app
            log.error("no connection to the database: %s", error)
            database.close_idle()
            return _back_in_a_moment(start_response)

    def _answer(
        self, generation: Generation, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        def counted(status: str, headers: Any, exc_info: Any = None) -> Any:
            _traffic[status[0] + "xx"] += 1
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        key = self._pages.key(environ)
        if key is None:
            return generation.app.wsgi_app(environ, counted)
        cached = self._pages.get(key, generation.number)
        if cached is not None:
            counted(cached.status, list(cached.headers))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [cached.body]
        return self._pages.filling(key, generation, environ, counted)
