"""Whole pages for anonymous visitors, kept in memory and checked against the database before each use.

A view opts in with ``public_page(version)``: ``version`` is a function that gives the present version of what the page
shows, with one cheap query. A page is served from memory only while its version and the generation are the same.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request

from ecrm_server.web.compress import takes_gzip

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from ecrm_server.kernel.generation import Generation

log = logging.getLogger(__name__)

SESSION_COOKIE = "ecrm_session"
VISITOR_COOKIE = "ecrm_visitor"
"""A random id, different in every browser, under which visits are recorded with consent. No page depends on it."""
ASKED = "ecrm.public_page"
MAX_PAGES = 1000
MAX_BODY = 300_000
MAX_BYTES = 64_000_000
"""What all pages and their keys may take; a stranger who asks with ever new cookies gains nothing."""

_OWN_ID = re.compile(rf"(?:^|; ?){VISITOR_COOKIE}=[^;]*")

Key = tuple[str, str, str, str, str]
Version = Callable[[], Hashable]


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer and how to find out whether it still holds."""

    generation: int
    version: Version
    seen: Hashable
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def public_page(version: Version) -> None:
    """Let the answer of this request be kept for other anonymous visitors while ``version()`` stays the same.

    Call it in a view, before anything is read that the page shows. It has no effect for signed-in people.
    """
    if not g.actor.is_authenticated:
        request.environ[ASKED] = (version, version())


class PageCache:
    """Bounded, per process; emptied at every swap."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget every page."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def key(self, environ: dict[str, Any]) -> Key | None:
        """What an anonymous page depends on, or None when the request is not for a shared page."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        cookies = environ.get("HTTP_COOKIE", "")
        if SESSION_COOKIE in cookies or "HTTP_RANGE" in environ:
            return None
        return (
            # No query holds a blank, so that a question mark in the path is never taken for the query's.
            environ.get("QUERY_STRING", "") + " " + environ["PATH_INFO"],
            environ.get("HTTP_HOST", "") + environ.get("wsgi.url_scheme", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            _OWN_ID.sub("", cookies) if VISITOR_COOKIE in cookies else cookies,
            environ.get("HTTP_ACCEPT", "") + environ.get("HTTP_HX_REQUEST", "") + " gzip" * takes_gzip(environ),
        )

    def get(self, key: Key, generation: int) -> Page | None:
        """The page, if what it shows has not changed."""
        page = self._pages.get(key)
        if page is None:
            return None
        if page.generation == generation and page.version() == page.seen:
            return page
        with self._lock:
            self._drop(key)
        return None

    def _keep(self, key: Key, page: Page) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._bytes += _size(key, page)
            while len(self._pages) > MAX_PAGES or self._bytes > MAX_BYTES:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._bytes -= _size(key, page)

    def filling(
        self, key: Key, generation: Generation, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer by the app and keep the page if its view asked for that."""
        caught: list[Any] = []

        def catch(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            caught[:] = [status, headers]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        answer = generation.app.wsgi_app(environ, catch)
        asked = environ.get(ASKED)
        if asked is None or not caught or not caught[0].startswith("200") or environ["REQUEST_METHOD"] == "HEAD":
            return answer
        chunks = list(answer)
        if hasattr(answer, "close"):
            answer.close()
        body = b"".join(chunks)
        headers = tuple(caught[1])
        if len(body) <= MAX_BODY and not any(name.lower() == "set-cookie" for name, _ in headers):
            version, seen = asked
            self._keep(key, Page(generation.number, version, seen, caught[0], headers, body))
        return [body]


def _size(key: Key, page: Page) -> int:
    return len(page.body) + sum(map(len, key))
