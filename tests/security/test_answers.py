"""What every answer says to browsers and caches, and what it never repeats."""

from __future__ import annotations

from werkzeug.test import TestResponse

from ecrm_server.data import Prepared, database
from tests.security import people as p
from tests.security.matrix import ROWS, Caller
from tests.security.world import World

PAGES = [row for row in ROWS if row.method == "GET"]
SHARED = {"web.static", "storage.file"}
"""What caches may keep for everybody: assets with a hash in their name, pictures that hang on nothing private."""
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "X-Frame-Options",
)
READERS = (p.ANON, p.ADA, p.ROOT)


def test_every_answer_has_the_headers(caller: Caller) -> None:
    wrong = []
    for row in ROWS:
        for name in READERS if row.method == "GET" else (p.ANON,):
            answer = caller.send(row, name)
            missing = [header for header in HEADERS if header not in answer.headers]
            policy = answer.headers.get("Content-Security-Policy", "")
            if (
                missing
                or "unsafe-eval" in policy
                or "script-src 'unsafe" in policy
                or "default-src '" not in policy
            ):
                wrong.append(f"{name}: {row}: {missing} {policy}")
            if answer.headers.get("X-Content-Type-Options") != "nosniff":
                wrong.append(f"{name}: {row}: may be sniffed")
        caller.world.restore()
    assert wrong == []


def test_nothing_personal_is_kept_by_a_cache(caller: Caller) -> None:
    wrong = []
    for row in PAGES:
        for name in READERS:
            answer = caller.send(row, name)
            said = answer.headers.get("Cache-Control", "")
            shared = row.endpoint in SHARED and answer.status_code in (200, 304)
            if "private" not in said and not shared:
                wrong.append(f"{name}: {row}: {said!r}")
            if "no-store" not in said and row.endpoint not in SHARED:
                wrong.append(f"{name}: {row}: {said!r}")
    assert wrong == []


class Cache:
    """A shared cache in front of the server, as careless as the standards allow."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._kept: dict[tuple[str, ...], TestResponse] = {}
        self._varies: dict[str, list[str]] = {}

    def get(self, path: str, name: str) -> TestResponse:
        headers = self._caller.headers(name)
        known = self._kept.get(self._key(path, headers))
        if known is not None:
            return known
        answer = self._caller.open("GET", path, headers, name)
        said = {part.strip().partition("=")[0] for part in answer.headers.get("Cache-Control", "").split(",")}
        if not said & {"private", "no-store", "no-cache"} and "Set-Cookie" not in answer.headers:
            self._varies[path] = [
                part.strip() for part in answer.headers.get("Vary", "").split(",") if part.strip()
            ]
            self._kept[self._key(path, headers)] = answer
        return answer

    def _key(self, path: str, headers: dict[str, str]) -> tuple[str, ...]:
        return (path, *(headers.get(header, "") for header in self._varies.get(path, [])))


def test_a_cache_in_front_shows_nobody_the_page_of_another(caller: Caller) -> None:
    cache, wrong, canaries = Cache(caller), [], caller.world.canaries
    for row in PAGES:
        for name in (p.ROOT, p.STAN, p.ADA, p.BEA, p.ANON):
            text = cache.get(row.path, name).data.decode("utf-8", "replace")
            seen = [
                word
                for word, may in canaries.items()
                if name not in may and word in text and word not in row.path
            ]
            wrong += [f"{name}: {row}: {word}" for word in seen]
    caller.world.restore()
    assert wrong == []


HOST = "canary-host.example"


def test_a_foreign_host_is_repeated_nowhere(caller: Caller) -> None:
    wrong = []
    for row in ROWS:
        for name in (p.ANON, p.ROOT):
            for headers in ({"Host": HOST}, {"X-Forwarded-Host": HOST, "Forwarded": f"host={HOST}"}):
                answer = caller.send(row, name, **headers)
                text = answer.data.decode("utf-8", "replace") + answer.headers.get("Location", "")
                if HOST in text or answer.status_code >= 500:
                    wrong.append(f"{name}: {row}: {answer.status_code} {headers}")
        caller.world.restore()
    assert wrong == []


def test_mails_lead_to_the_sites_own_address(world: World, caller: Caller) -> None:
    for headers in ({"Host": HOST}, {"X-Forwarded-Host": HOST}):
        form = {"email": "canary-bea@example.org"}
        caller.open("POST", "/reset", caller.headers(p.ANON) | headers, p.ANON, form)
    with database.connection_context():
        texts = [row[0] for row in Prepared("SELECT text FROM mail").tuples()]
    world.restore()
    assert any("http://localhost/reset/" in text for text in texts)
    assert not any(HOST in text for text in texts)
