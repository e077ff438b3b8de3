from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from ecrm_server.bench import Load, at_least, at_most, bare, cases, get, report, reported, run_load
from ecrm_server.bench.runner import Outcome
from ecrm_server.cli.bench import bench


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.headers.get("Cookie", "none").encode() * 1000
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_limit_is_kept_on_its_own_side() -> None:
    assert at_most("build", 60, "ms", 60).verdict == "ok"
    assert at_most("build", 61, "ms", 60).verdict == "missed"
    assert at_least("page", 0.25, "of bare", 0.25).verdict == "ok"
    assert at_least("page", 0.24, "of bare", 0.25, goal=0.4).verdict == "missed"
    assert reported("request", 9e9, "ms").verdict == "reported"


def test_the_load_generator_counts_answers_by_status_and_reads_whole_bodies(port: int) -> None:
    requests = [get("/", cookie="abc"), get("/missing", cookie="abc")]
    result = run_load(Load(port, requests, seconds=0.5, connections=2, warm_up=0.1))
    assert set(result.statuses) == {"200", "404"}
    assert result.failed == result.statuses["404"]
    assert result.answers == sum(result.statuses.values()) > 2
    assert result.body_bytes == 3000
    assert result.latencies == sorted(result.latencies)
    assert result.percentile(0) <= result.percentile(50) <= result.percentile(100) == result.latencies[-1]


@pytest.mark.parametrize("wanted", [20_000, 90_000])
def test_the_bare_page_has_the_wanted_size(wanted: int) -> None:
    body = bare.make_app(wanted).test_client().get("/").data
    assert abs(len(body) - wanted) <= 0.05 * wanted
    assert body.count(b"<article") == 20


def test_every_part_of_the_promise_has_a_case() -> None:
    promised = {"pages", "reply", "live", "swap", "start-cold", "idle", "import"}
    assert {case.name for case in cases.all_cases()} >= promised


def test_cases_are_chosen_by_the_beginning_of_their_names() -> None:
    assert [case.name for case in cases.chosen(["swa", "idle"])] == ["idle", "swap"]
    done = CliRunner().invoke(bench, ["--case", "nonsense"])
    assert "There is no case 'nonsense'" in str(done.exception)


def test_the_document_names_values_limits_and_what_was_left_out() -> None:
    outcomes = [
        Outcome("a", "A", "sqlite", [at_most("time", 12.5, "ms", 10, detail="of two")]),
        Outcome("b", "B", "postgres", skipped="No dump is here."),
    ]
    results = json.loads(json.dumps(report.document(outcomes)))["results"]
    assert results[0]["figures"][0] == {
        "name": "time", "value": 12.5, "unit": "ms", "limit": 10, "goal": None, "more_is_better": False,
        "detail": "of two", "verdict": "missed",
    }  # fmt: skip
    assert results[1] == {"case": "b", "engine": "postgres", "skipped": "No dump is here.", "figures": []}
