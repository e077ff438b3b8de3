"""Sending forms as a browser does, one after the other over one connection."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode


class FormClient:
    """A signed-in browser's connection; it reads the CSRF token from ``page``."""

    def __init__(self, port: int, cookie: str, page: str = "/me") -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=30)
        self._headers = {"Cookie": cookie, "Accept": "text/html", "Origin": f"http://localhost:{port}"}
        text = self.get(page)
        self._token = text.partition('name="csrf-token" content="')[2].partition('"')[0]
        assert self._token, "the page has no CSRF token"

    def get(self, path: str) -> str:
        """The text of a page."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, (path, answer.status)
        return text

    def post(self, path: str, form: Mapping[str, str]) -> int:
        """Send a form and read the answer. Gives its status."""
        body = urlencode({**form, "csrf_token": self._token})
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def post_forms(port: int, cookie: str, forms: Iterable[tuple[str, Mapping[str, str]]]) -> list[float]:
    """Milliseconds that each form took until its answer was read."""
    client = FormClient(port, cookie)
    times = []
    for path, form in forms:
        started = time.perf_counter()
        status = client.post(path, form)
        times.append((time.perf_counter() - started) * 1000)
        assert status in (200, 303), (path, status)
    client.close()
    return times
