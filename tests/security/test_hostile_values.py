"""Values that no form of ours sends: nothing breaks on them, on either database."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest

from ecrm_server.identity.counters import ProcessStorage
from tests.security import people as p
from tests.security.built import built
from tests.security.matrix import ROWS, Caller
from tests.security.rows import Row
from tests.thorough import THOROUGH

TEXTS = (
    "\x00",
    "\ud800",
    "'\"`;--%",
    "9" * 25,
    "-1",
    "NaN",
    "\u0663",
    "../../{{7*7}}",
    "\r\nX: y",
    "A" * 70_000,
)
JSON: tuple[Any, ...] = (None, [], {}, True, 2**80, 1.5, [[]] * 3, {"$ne": 1})
QUERIES = (
    "after",
    "before",
    "page",
    "cursor",
    "q",
    "kind",
    "tag",
    "limit",
    "state",
    "why",
    "context",
    "channels",
    "post",
)
CURSORS = (
    "W251bGxd",
    "WyJ4IiwieSJd",
    "WzFlNDAwLDFd",
    "W3RydWUsZmFsc2Vd",
    "WzkyMjMzNzIwMzY4NTQ3NzU4MDgsMV0",
    "WzEsMiwzXQ",
    "e30",
)
"""Cursors of the API with null, texts, infinity, truth values, a number too large, too many values, an object."""
KEYS = ("[true,false]", "[null,null]", "[1e400,1]", "[9223372036854775808,1]", "[1,2]", "[]")
"""Keys of the forums' lists that no page gave out."""
RUINOUS = {
    "admin.change_feature",
    "account.delete",
    "security.logout",
    "admin.reload",
    "setup.page",
    "admin.remove_demo",
}
"""What would take the site itself away from the requests after it."""


def hostile(row: Row) -> Iterator[tuple[str, dict[str, Any] | None, dict[str, Any] | None]]:
    """Path, form and JSON body, each time with one bad value."""
    for place in re.findall(r"\{(\w+)\}", row.path):
        for text in TEXTS:
            safe = quote(text.encode("utf-8", "surrogatepass")[:200]).replace("{", "%7B").replace("}", "%7D")
            yield row.path.replace(f"{{{place}}}", safe), dict(row.form or {}), None
    for name in row.form or ():
        for text in TEXTS:
            yield row.path, {**(row.form or {}), name: text}, None
    for name in row.json or ():
        for value in (*TEXTS, *JSON):
            yield row.path, None, {**(row.json or {}), name: value}
    if row.method == "GET" and "?" not in row.path:
        for text in (*TEXTS[:-1], *CURSORS, *KEYS):
            value = quote(text.encode("utf-8", "surrogatepass")).replace("{", "%7B").replace("}", "%7D")
            yield f"{row.path}?{'&'.join(f'{name}={value}' for name in QUERIES)}", None, None
            for name in ("before", "after", "cursor"):
                yield f"{row.path}?{name}={value}", None, None


BODIES = (
    b"[" * 100_000, b'{"a":' * 50_000, b'{"n":' + b"9" * 100_000 + b"}", b"\xff\xfe",
    b'"x"', b"null", b"", b'{"title":NaN}', b"[]",
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_that_are_no_json_of_ours_are_refused(caller: Caller, body: bytes) -> None:
    for row in (row for row in ROWS if row.json is not None):
        name = p.KEY if p.KEY in row.who else p.ROOT
        headers = caller.headers(name) | {"Content-Type": "application/json"}
        answer = caller.open(row.method, row.path, headers, name, body=body)
        refused = answer.status_code in (400, 404, 422)
        assert refused or (row.method == "PATCH" and not body), f"{row}: {answer.status_code}"
        assert not caller.world.watch.changed()


def test_deep_cursors_are_refused(caller: Caller) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 2900).decode()
    assert caller.open("GET", f"/api/v1/forums/topics?cursor={deep}", {}).status_code == 422
    assert caller.open("GET", f"/forums/latest?after={'%5B' * 1300}", {}).status_code == 404


def broken(caller: Caller, rows: list[Row], first: int) -> list[str]:
    """Requests that were answered with 500; each third of them from the ``first`` on, or all."""
    found = []
    chosen = count(first)
    for row in rows:
        name = p.KEY if p.KEY in row.who and row.path.startswith("/api/") else p.ROOT
        for path, form, json in hostile(row):
            if next(chosen) % 3 and not THOROUGH:
                continue
            ProcessStorage._counts.clear()
            answer = caller.open(row.method, path, caller.headers(name), name, _encoded(form), json)
            if answer.status_code >= 500:
                found.append(f"{row.method} {path[:120]} {str(form)[:120]} {str(json)[:120]}")
        if caller.world.watch is not None and caller.world.watch.changed():
            caller.world.restore()
    return found


def _encoded(form: dict[str, Any] | None) -> dict[str, Any] | None:
    """Forms as bytes: half a surrogate pair cannot be sent as text."""
    if form is None:
        return None
    return {
        key: value.encode("utf-8", "surrogatepass") if "\ud800" in value else value
        for key, value in form.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_value_breaks_an_answer(both_engines: str, database_url: str) -> None:
    rows = [row for row in ROWS if row.endpoint not in RUINOUS]
    with built(database_url if both_engines == "postgres" else "") as world:
        found = broken(Caller(world), rows, first=int(both_engines == "postgres"))
    assert found == []
