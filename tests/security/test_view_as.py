"""An administrator who sees the site as somebody, at every door: no further than that person, and nothing changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from ecrm_server.data import database
from ecrm_server.identity import counters, keys, viewing
from ecrm_server.identity.session import actor_of_cookie
from ecrm_server.identity.testing import session_key
from ecrm_server.kernel import current
from ecrm_server.web.viewing import LEAVING
from tests.security import people as p
from tests.security.matrix import ROWS, Caller
from tests.security.rows import Row
from tests.security.world import World

pytestmark = pytest.mark.timeout(600)
STAYING = [row for row in ROWS if row.endpoint not in LEAVING]

UNSENT = "/files/{file_own}"
"""A picture that hangs on nothing yet: part of what somebody writes, and their own."""


class View:
    """The browser of an administrator who sees the site as ``name``."""

    def __init__(self, caller: Caller, name: str) -> None:
        self.caller, self.name = caller, name
        self.cookie = session_key(caller.world.accounts[p.ROOT])
        with database.connection_context():
            viewing.begin(actor_of_cookie(self.cookie), caller.world.accounts[name])
        page = self._open("GET", "/me").text
        self.token = page.partition('name="csrf-token" content="')[2].partition('"')[0]

    def _open(self, method: str, path: str, row: Row | None = None) -> TestResponse:
        headers = {"Cookie": f"ecrm_session={self.cookie}", "X-CSRFToken": getattr(self, "token", "")}
        more = (row.form, row.json) if row else (None, None)
        return self.caller.open(method, path, headers | dict(row.headers if row else {}), p.ROOT, *more)

    def send(self, row: Row) -> TestResponse:
        return self._open(row.method, row.path, row)


class Everything:
    """All rows of all tables but the sessions', where browsers keep their tokens: not even a read marker may move."""

    def __init__(self, world: World) -> None:
        url = world.site.config.database_url
        self._db = sqlite3.connect(Path(url.removeprefix("sqlite:///")), isolation_level=None)
        self._version, self._rows = self._present(), self._read()

    def _present(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _read(self) -> dict[str, list[tuple[object, ...]]]:
        names = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        tables = [name for (name,) in names.fetchall() if name != "session"]
        return {name: sorted(self._db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in tables}

    def changed(self) -> list[str]:
        """Names of tables that are not as they were."""
        if self._present() == self._version:
            return []
        self._version, before, self._rows = self._present(), self._rows, self._read()
        return [name for name in before if before[name] != self._rows[name]]


@pytest.fixture(params=[p.ADA, p.PIA, p.STAN])
def view(request: pytest.FixtureRequest, caller: Caller) -> Iterator[View]:
    counters.reset()
    yield View(caller, request.param)
    caller.world.restore()


def test_every_change_is_refused_and_nothing_moves(view: View) -> None:
    everything, wrong = Everything(view.caller.world), []
    for row in STAYING:
        answer = view.send(row)
        changed = everything.changed()
        if changed:
            wrong.append(f"{row}: changed {changed}")
        if row.method != "GET" and not (answer.status_code == 403 and b"can only look" in answer.data):
            wrong.append(f"{row}: {answer.status_code} {answer.data[:80]!r}")
    assert wrong == []


def test_pages_are_those_of_the_person_below_the_banner(view: View) -> None:
    own_eyes, wrong = current.generation().app.own_eyes, []  # type: ignore[attr-defined]
    for row in STAYING:
        if row.method != "GET":
            continue
        counters.reset()
        seen = view.send(row)
        if row.endpoint in own_eyes or row.path.startswith("/api/v1"):
            if seen.status_code != 403:
                wrong.append(f"{row}: not kept for {view.name} ({seen.status_code})")
        elif row.path == UNSENT:
            if seen.status_code != 404:
                wrong.append(f"{row}: a picture of a draft")
        elif seen.status_code != (own := view.caller.send(row, view.name)).status_code:
            wrong.append(f"{row}: {seen.status_code} instead of {own.status_code}")
        if seen.status_code // 100 != 3 and b"<html" in seen.data and b'data-viewing="' not in seen.data:
            wrong.append(f"{row}: has no banner")
        wrong += [f"{row}: shows {word}" for word in leaks(view, row, seen)]
    assert wrong == []


def leaks(view: View, row: Row, answer: TestResponse) -> list[str]:
    """What the person may not see, and what nobody but the person may see."""
    text = answer.data.decode("utf-8", "replace")
    both = {view.name, p.ROOT}
    return [word for word, may in view.caller.world.canaries.items() if word in text and not both <= may
            and word not in row.path]  # fmt: skip


def test_a_view_is_no_door_to_another_nor_to_more_rights(view: View) -> None:
    for target in (p.BEA, p.MO, p.ROOT):
        answer = view.send(Row("view_as.begin", f"/view-as/{{{target}_account}}", p.ALL, "POST", form={}))
        assert answer.status_code == 403
    assert current.generation().app.needs["view_as.begin"] == viewing.PERMISSION  # type: ignore[attr-defined]


def test_a_view_cannot_be_brought_along_in_a_form(caller: Caller) -> None:
    caller.send(Row("account.save_preferences", "/me/preferences", p.ALL, "POST",
                    form={"viewing_id": "1", "viewing_until": "9"}), p.ADA)  # fmt: skip
    with database.connection_context():
        row = actor_of_cookie(caller.world.cookies[p.ADA])
    assert (row.name, row.viewed_by) == ("Ada", None)
    assert keys.digest(caller.world.cookies[p.ADA]) == row.session_key
