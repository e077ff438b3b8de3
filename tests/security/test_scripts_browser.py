"""Markup and scripts in every field, shown in Chromium: nothing runs or becomes an element, no policy is broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from ecrm_server.identity.counters import ProcessStorage
from tests.security import people as p
from tests.security.matrix import ROWS, Caller
from tests.security.rows import Row
from tests.system.browser import chromium_browser

PAYLOADS = (
    "\"'><img src=x onerror=alert(1) data-evil><script data-evil>alert(2)</script>",
    "</title></textarea><svg data-evil onload=alert(3)><a href=javascript:alert(4) data-evil>x</a>",
    '[x](javascript:alert(5)) ![x](/x"onerror=alert(6)) <details data-evil open ontoggle=alert(7)> `<b data-evil>`',
    "<div data-evil hx-get=/logout hx-trigger=load><iframe data-evil srcdoc='<script>alert(8)</script>'>{{7*7}}%s",
)
"""Each ends up in another copy of the fields; ``data-evil`` is on everything that must never be an element."""
SKIPPED = {
    "account.delete", "roles_admin.save_roles", "admin.change_feature", "admin.reload", "security.logout", "setup.page",
    "moderation.decide",
    "people_admin.suspend", "people_admin.sign_out", "moderation.sanction", "forums.update_grants", "forums.delete",
    "security.change_password", "account.revoke_session", "account.revoke_others", "privacy.again", "forums.move",
}  # fmt: skip
"""Rows that would take something away that the pages should show."""
FOUND = """() => [
    ...document.querySelectorAll('[data-evil], [onerror], [onload], [ontoggle], [srcdoc], a[href^="javascript:"]'),
    ...[...document.scripts].filter(script => !script.src && script.type !== 'application/json'),
].map(element => element.outerHTML.slice(0, 120))"""


def _poisoned(caller: Caller) -> None:
    """Write a payload into each text field that there is, as the administrator and as a member."""
    for payload in PAYLOADS:
        for row in (row for row in ROWS if row.method in ("POST", "PUT") and row.endpoint not in SKIPPED):
            for name in {p.ROOT, p.ADA} & row.who & row.sees & row.may:
                _fill(caller, row, name, payload)


def _fill(caller: Caller, row: Row, name: str, payload: str) -> None:
    values = dict(row.form or row.json or {})
    for field, value in values.items():
        if isinstance(value, str) and field not in ("email", "edit_count", "category", "parent"):
            ProcessStorage._counts.clear()
            given = {**values, field: payload}
            form, json = (given, None) if row.form is not None else (None, given)
            caller.open(row.method, row.path, caller.headers(name), name, form, json)


@pytest.fixture
def address(caller: Caller) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, caller.world.site.dispatcher, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Guard:
    """A tab that notes dialogs, errors in the console and elements that came out of a text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))

    def _heard(self, kind: str, text: str) -> None:
        # There is no live server behind these pages; they poll instead.
        missing = "Failed to load resource" in text or "WebSocket connection" in text
        if "Content Security Policy" in text or (kind == "error" and not missing):
            self.faults.append(f"console: {text[:200]}")

    def open(self, url: str) -> list[str]:
        """What is wrong with a page."""
        self.page.goto(url, wait_until="domcontentloaded")
        found = [*self.faults, *(f"element: {html}" for html in self.page.evaluate(FOUND))]
        self.faults.clear()
        return [f"{url}: {fault}" for fault in found]


def _pages(caller: Caller, name: str) -> list[str]:
    """Paths that answer somebody with a page."""
    rows = [
        row
        for row in ROWS
        if row.method == "GET" and name in row.who & row.sees & row.may and not row.headers
    ]
    paths = dict.fromkeys(row.path.format(**caller.world.ids) for row in rows)
    answers = {  # what opens a path fills in ids itself, and would take the braces of a rule for places of some
        path: caller.open("GET", path.replace("{", "{{").replace("}", "}}"), caller.headers(name), name)
        for path in paths
    }
    return [path for path, a in answers.items() if a.status_code == 200 and a.mimetype == "text/html"]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_no_text_becomes_markup_or_script(caller: Caller, chromium: Path, address: str) -> None:
    _poisoned(caller)
    faults: list[str] = []
    shown = 0
    with chromium_browser(chromium) as browser:
        for name in (p.ROOT, p.ADA, p.ANON):
            context = browser.new_context()
            context.add_cookies(
                [{"name": "ecrm_session", "value": caller.world.cookies[name], "url": address}]
            )
            guard = Guard(context.new_page())
            for path in _pages(caller, name):
                faults += guard.open(address + path)
                shown += "data-evil" in guard.page.inner_text("body")
            faults += guard.open(f"{address}/search?q=%22%3E%3Cimg+data-evil+src%3Dx+onerror%3Dalert(9)%3E")
            context.close()
    caller.world.restore()
    assert faults == []
    assert shown > 30, "the payloads stand on too few pages for this to mean anything"
