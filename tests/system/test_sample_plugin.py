"""A plugin as a package, installed into a server that runs: no restart, no failed request."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.realtime.client import Client
from tests.house.sources import ROOT
from tests.requirements import CHROMIUM_FLAGS, chromium_path, have_chromium
from tests.system.servers import Server

SAMPLE = ROOT / "tests" / "sample_plugin"
pytestmark = pytest.mark.slow


class Visitor:
    """Asks a server all the time and notes every answer that is not 200."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.failures: list[str] = []
        self.asked = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._stop.wait(0.05):
            status = get(self.server, "/docs/components")[0]
            self.asked += 1
            if status != 200:
                self.failures.append(f"request {self.asked}: {status}")

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)


def get(server: Server, path: str) -> tuple[int, str, dict[str, str]]:
    """Status (0 without an answer), text and headers."""
    try:
        with urllib.request.urlopen(f"{server.base}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)
    except OSError:
        return 0, "", {}


def until(holds: Callable[[], Any], seconds: float = 10) -> Any:
    """The first true value of ``holds()``."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
    return value


def pip(*arguments: str) -> None:
    """Run pip on local files only."""
    subprocess.run(
        [sys.executable, "-m", "pip", *arguments, "-q", "--no-deps", "--no-index"], check=True, timeout=60
    )


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder on the path of the server's Python; it does not exist yet."""
    return tmp_path / "packages"


@pytest.fixture
def server(tmp_path: Path, packages: Path) -> Iterator[Server]:
    (tmp_path / "instance").mkdir()
    running = Server(tmp_path / "instance")
    running.environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(packages)))
    running.start()
    try:
        yield running
    finally:
        running.stop()


def install(tmp_path: Path, packages: Path) -> None:
    """Build the sample's wheel and install it where the running server looks."""
    pip("wheel", "--no-build-isolation", "-w", str(tmp_path / "dist"), str(SAMPLE))
    wheel = next((tmp_path / "dist").glob("ecrm_parcels-*.whl"))
    pip("install", "--target", str(packages), str(wheel))


def check_modules(server: Server) -> None:
    """The page's policy allows no inline script, and the plugin's modules are served as written."""
    _, page, headers = get(server, "/parcels/")
    assert "No parcels." in page
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    found = re.findall(r'src="([^"]*/p/parcels/[0-9a-f]+/(js/[a-z]+\.js))"', page)
    assert {name for _, name in found} == {"js/desk.js", "js/badge.js"}
    for path, name in found:
        status, script, headers = get(server, path)
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/javascript")
        assert script == (SAMPLE / "ecrm_parcels/static" / name).read_text("utf-8")


def check_arrival(server: Server) -> None:
    """A parcel taken in by the plugin's command reaches channel, page, subscriber and API."""
    socket = Client(server.port)
    try:
        assert socket.join("parcels.desk:all")["ok"]
        uid = server.command("parcel", "4711").partition("parcel: ")[2].strip()
        pushed = socket.next(10)
    finally:
        socket.close()
    assert (pushed["name"], pushed["ref"], pushed["seq"]) == ("parcels.arrived", uid, 1)
    assert "4711" in get(server, "/parcels/list")[1]
    api = "/api/v1/parcels/arrived"
    rows = until(lambda: [row for row in json.loads(get(server, api)[1]) if row["announced"]])
    assert [(row["uid"], row["code"], row["announced"]) for row in rows] == [(uid, "4711", 1)]
    assert api in get(server, "/api/v1/openapi.json")[1]
    assert "parcels.arrived" in get(server, "/docs/events")[1]


def check_browser(server: Server) -> None:
    """Both modules run under the policy, and the page shows a parcel as it arrives."""
    from playwright.sync_api import expect, sync_playwright

    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{server.base}/parcels/")
        expect(page.locator("html[data-parcels=ready]")).to_be_attached()
        expect(page.locator("#parcels[data-status=live]")).to_be_attached(timeout=10_000)
        server.command("parcel", "4712")
        expect(page.locator("#parcels li").first).to_contain_text("4712", timeout=10_000)
        browser.close()
    assert said == []


def test_a_package_is_installed_enabled_and_disabled_while_the_server_runs(
    server: Server, tmp_path: Path, packages: Path
) -> None:
    workers = server.workers()
    with Visitor(server) as visitor:
        assert get(server, "/parcels/")[0] == 404
        install(tmp_path, packages)
        assert "parcels: on" in server.command("plugin", "enable", "parcels")
        until(lambda: get(server, "/parcels/")[0] == 200)
        check_modules(server)
        check_arrival(server)
        if have_chromium():
            check_browser(server)
        server.command("plugin", "disable", "parcels")
        until(lambda: get(server, "/parcels/")[0] == 404)
        assert get(server, "/api/v1/parcels/arrived")[0] == 404
        assert "parcels.arrived" not in get(server, "/docs/events")[1]
    assert server.workers() == workers, "no process was started anew"
    assert visitor.failures == []
    assert visitor.asked > 50
