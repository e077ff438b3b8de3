"""The matrix: everybody at every door. Gives sentences about the cells that are not as they should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from werkzeug.test import Client, TestResponse

from ecrm_server.identity.counters import ProcessStorage
from tests.security import people as p
from tests.security import (
    rows_account,
    rows_admin,
    rows_customers,
    rows_forums,
    rows_importing,
    rows_lists,
    rows_segments,
)
from tests.security.rows import Row
from tests.security.world import World

ROWS: list[Row] = [
    *rows_forums.READING,
    *rows_forums.ACTING,
    *rows_forums.MANAGING,
    *rows_forums.API,
    *rows_account.OWN,
    *rows_account.DOORS,
    *rows_admin.OPEN,
    *rows_admin.MODERATION,
    *rows_customers.CUSTOMERS,
    *rows_admin.ADMINISTRATION,
    *rows_lists.LISTS,
    *rows_importing.IMPORTING,
    *rows_segments.SEGMENTS,
]
ORDER = sorted(p.ALL)
FREE = "anything"

CLOSED = [
    replace(row, who=p.SIGNED | p.KEYS if row.path.startswith("/api/") else p.SIGNED, sees=row.sees & row.who)
    for row in ROWS
    if row.endpoint in rows_forums.PUBLIC
]
"""What strangers find where only signed-in people may read the forums."""


class Caller:
    """Sends requests as one of the people, each in a browser of its own that nothing sticks to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._client = Client(world.site.dispatcher, use_cookies=False)
        world.cookies[p.ANON] = self._visit()
        self._tokens = {name: self._token(name) for name in sorted(world.cookies)}
        if world.watch is not None:
            world.watch.keep()  # with the sessions' tokens in it

    def _visit(self) -> str:
        """The cookie that a stranger gets with a form."""
        answer = self._client.get("/login", base_url="http://localhost")
        return answer.headers["Set-Cookie"].partition("ecrm_session=")[2].partition(";")[0]

    def _token(self, name: str) -> str:
        cookie = {"Cookie": f"ecrm_session={self.world.cookies[name]}"}
        page, before = ("/login", 'name="csrf_token"') if name in p.OUT else ("/me", 'name="csrf-token"')
        text = self._client.get(page, headers=cookie, base_url="http://localhost").text.partition(before)[2]
        return re.findall(r'(?:value|content)="([^"]+)"', text)[0]

    def headers(self, name: str) -> dict[str, str]:
        """What the browser or program of somebody sends along."""
        if name in p.KEYS:
            return {"Authorization": f"Bearer {self.world.key if name == p.KEY else self.world.bare}"}
        return {"Cookie": f"ecrm_session={self.world.cookies[name]}", "X-CSRFToken": self._tokens[name]}

    def send(self, row: Row, name: str, **headers: str) -> TestResponse:
        """The row's request as somebody."""
        sent = self.headers(name) | dict(row.headers) | headers
        return self.open(row.method, row.path, sent, name, row.form, row.json)

    def open(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        name: str = p.ANON,
        form: Any = None,
        json: Any = None,
        body: bytes | None = None,
    ) -> TestResponse:
        ids = self.world.ids
        more: dict[str, Any] = (
            {"json": _filled(json, ids)} if json is not None else {"data": body or _filled(form, ids)}
        )
        address = f"203.0.113.{ORDER.index(name) + 1}"
        return self._client.open(
            path.format(**ids),
            method=method,
            headers=headers,
            base_url="http://localhost",
            environ_overrides={"REMOTE_ADDR": address},
            buffered=True,
            **more,
        )


def _filled(values: Any, ids: dict[str, str]) -> Any:
    if values is None:
        return None
    return {key: _one_filled(value, ids) for key, value in values.items()}


def _one_filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_one_filled(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) else value


def run(caller: Caller, rows: Iterable[Row] = ROWS, *, people: Iterable[str] = ORDER) -> Iterator[str]:
    """Every cell; yields a sentence for each that is wrong."""
    for row in rows:
        for name in people:
            ProcessStorage._counts.clear()  # how often somebody may do something is tested elsewhere
            yield from cell(caller, row, name)


def cell(caller: Caller, row: Row, name: str) -> Iterator[str]:
    """One request of one person, and what is wrong with its answer."""
    watch = caller.world.watch
    watch.mark()
    answer = caller.send(row, name)
    changed = watch.changed()
    seen = answer.data.decode("utf-8", "replace") + str(answer.headers)
    wrong = _wrong(row, name, answer, changed)
    said = f"{row.path} {row.form} {row.json}"
    secrets = (text for text, may in caller.world.canaries.items() if name not in _persons(may))
    leaks = [text for text in secrets if text in seen and text not in said]
    if changed:
        if wrong:
            wrong += f" (changed: {', '.join(watch.difference())})"
        caller.world.restore()
    if wrong:
        yield f"{name}: {row}: {wrong}"
    for text in leaks:
        yield f"{name}: {row}: shows {text}"


def _persons(may: frozenset[str]) -> frozenset[str]:
    """Ada's key with the scopes of the forums reads what she reads."""
    return may | {p.KEY} if p.ADA in may else may


def _wrong(row: Row, name: str, answer: TestResponse, changed: bool) -> str:
    status, where = answer.status_code, answer.headers.get("Location", "")
    if status >= 500:
        return f"broke with {status}"
    expected, verdict = _expected(row, name)
    if not verdict(answer):
        return f"expected {expected}, got {status} {where}"
    if changed and (expected not in ("allowed", FREE) or row.method == "GET"):
        return f"{expected}, yet it changed the database"
    if expected == "allowed" and row.method != "GET" and row.changes and not changed:
        return f"was allowed ({status}) but changed nothing"
    return ""


def _expected(row: Row, name: str) -> tuple[str, Callable[[TestResponse], bool]]:
    api = row.path.startswith("/api/")
    if name not in row.who:
        return _kept_out(name in p.OUT or (name in p.KEYS and not api), row.method == "GET" and not api)
    if name in p.KEYS and row.method != "GET" and not api:
        return FREE, lambda a: True  # a stranger without a cookie: with one, the forms' tokens are asked for
    if name not in row.sees:
        return "404", lambda a: a.status_code == 404
    if name not in row.may:
        return "a refusal", lambda a: a.status_code in (303, 403, 409, 422)
    return "allowed", lambda a: a.status_code in row.ok or (a.status_code < 400 and not _asks_to_sign_in(a))


def _kept_out(is_stranger: bool, is_page: bool) -> tuple[str, Callable[[TestResponse], bool]]:
    if is_stranger and is_page:
        return "the sign-in page", _asks_to_sign_in
    status = 401 if is_stranger else 403
    return str(status), lambda answer: answer.status_code == status


def _asks_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith("/login?next=")
