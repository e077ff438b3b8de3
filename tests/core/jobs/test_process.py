"""The job process itself: killed, told to end, left alone by its parent."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from ecrm_server.data import database
from ecrm_server.jobs import services
from ecrm_server.kernel import state
from ecrm_server.kernel.site import Site
from tests.core.jobs.conftest import Start, until


def words(path: Path) -> list[str]:
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def job_state(uid: str) -> str:
    return str(services.get(uid)["state"])


def test_the_job_of_a_killed_process_is_done_by_the_next(factory: Site, tmp_path: Path, start: Start) -> None:
    path = tmp_path / "lines"
    uid = services.enqueue("factory.wait", path=str(path))
    quick = [services.enqueue("factory.write", path=str(tmp_path / f"quick{number}")) for number in range(5)]
    first = start()
    until(lambda: words(path) == ["began"])
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert job_state(uid) == "running"
    (tmp_path / "lines.go").touch()
    start()
    until(lambda: job_state(uid) == "done")
    assert words(path) == ["began", "began", "ended"]
    assert services.get(uid)["attempts"] == 2
    until(lambda: all(job_state(other) == "done" for other in quick))


def test_told_to_end_it_gives_back_what_it_has_in_hand_and_follows_a_swap(
    factory: Site, tmp_path: Path, start: Start
) -> None:
    path = tmp_path / "lines"
    uid = services.enqueue("factory.wait", path=str(path))
    process = start()
    until(lambda: words(path) == ["began"])
    state.set_disabled("factory")
    late = services.enqueue("factory.write", path=str(tmp_path / "late"))
    until(lambda: job_state(late) == "parked")
    state.set_enabled("factory", "1.0")
    until(lambda: job_state(late) == "done")
    began = time.monotonic()
    process.terminate()
    assert process.wait(15) == 0
    assert time.monotonic() - began < 10
    job = services.get(uid)
    assert (job["state"], job["attempts"]) == ("queued", 0)
    assert not database.in_transaction()
