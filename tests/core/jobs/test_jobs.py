"""Jobs in one process: asking for them, running, failing, parking, recurring."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.jobs import services
from ecrm_server.jobs.execute import run_job
from ecrm_server.jobs.queue import queue
from ecrm_server.jobs.run import Run
from ecrm_server.jobs.sweeper import Sweeper
from ecrm_server.kernel import current, state
from ecrm_server.kernel.site import Site
from ecrm_server.testing import MovableClock


def taken() -> list[str]:
    """The uids that wait in huey's queue, taken out."""
    found = []
    while (task := queue().huey.dequeue()) is not None:
        found.append(task.args[0])
    return found


def sweep() -> None:
    Sweeper(queue()).sweep(current.generation())


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "lines"


def test_a_job_is_handed_over_after_the_commit_and_not_without_one(factory: Site, lines: Path) -> None:
    with transaction():
        uid = services.enqueue("factory.write", path=str(lines))
        assert taken() == []
    assert taken() == [uid]
    with suppress(ZeroDivisionError), transaction():
        lost = services.enqueue("factory.write", path=str(lines))
        _ = 1 / 0
    assert taken() == []
    with pytest.raises(NotFound):
        services.get(lost)


def test_a_job_runs_once_however_often_it_is_handed_out(factory: Site, lines: Path) -> None:
    uid = services.enqueue("factory.write", path=str(lines), word="Grüße")
    database.close()
    threads = [threading.Thread(target=run_job, args=(uid,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.connect()
    assert [line.split()[0] for line in lines.read_text().splitlines()] == ["Grüße"]
    assert services.get(uid)["state"] == "done"


def test_a_job_that_fails_is_tried_again_later_and_then_stays_failed(
    factory: Site, lines: Path, movable_clock: MovableClock
) -> None:
    uid = services.enqueue("factory.fail", path=str(lines))
    run_in_thread(uid)
    job = services.get(uid)
    assert (job["state"], job["attempts"]) == ("queued", 1)
    assert job["run_at"] > clock.now()
    run_in_thread(uid)
    assert services.get(uid)["attempts"] == 1
    movable_clock.advance(clock.HOUR)
    taken()
    sweep()
    assert uid in taken()
    run_in_thread(uid)
    job = services.get(uid)
    assert (job["state"], job["attempts"]) == ("failed", 2)
    assert "RuntimeError: the machine broke" in job["error"]
    services.retry(uid, SYSTEM)
    assert services.get(uid)["attempts"] == 0
    with pytest.raises(Refusal):
        services.retry(uid, SYSTEM)


def run_in_thread(uid: str) -> None:
    """As a worker would: on a connection of its own."""
    thread = threading.Thread(target=run_job, args=(uid,))
    thread.start()
    thread.join()


def test_a_refusal_is_final(factory: Site) -> None:
    uid = services.enqueue("factory.refuse")
    run_in_thread(uid)
    job = services.get(uid)
    assert (job["state"], job["error"], job["attempts"]) == ("failed", "Not on Sundays.", 1)


def test_progress_is_kept_and_written_seldom(factory: Site, queries: list[str]) -> None:
    uid = services.enqueue("factory.count", total=5000)
    queries.clear()
    run_in_thread(uid)
    job = services.get(uid)
    assert (job["progress"], job["total"], job["message"], job["state"]) == (
        5000,
        5000,
        "5000 pieces",
        "done",
    )
    assert sum("SET progress" in sql for sql in queries) < 5


def test_a_job_of_the_future_waits_for_its_time(
    factory: Site, lines: Path, movable_clock: MovableClock
) -> None:
    uid = services.enqueue("factory.write", run_at=clock.now() + clock.DAY, path=str(lines))
    sweep()
    assert uid not in taken()
    run_in_thread(uid)
    assert not lines.exists()
    movable_clock.advance(clock.DAY)
    sweep()
    assert uid in taken()


def test_a_unique_job_waits_once_and_may_wait_again_while_it_runs(factory: Site, lines: Path) -> None:
    first = services.enqueue("factory.write", unique=True, path=str(lines))
    assert services.enqueue("factory.write", unique=True, path=str(lines)) == first
    assert services.enqueue("factory.write", unique=True, path="other") != first
    run_in_thread(first)
    assert services.enqueue("factory.write", unique=True, path=str(lines)) != first


def test_a_kind_that_its_part_does_not_declare_is_a_mistake(factory: Site) -> None:
    with pytest.raises(ValueError, match=r"factory\.wrte"):
        services.enqueue("factory.wrte")


def test_a_job_of_a_disabled_plugin_is_parked_and_resumed(factory: Site, lines: Path) -> None:
    uid = services.enqueue("factory.write", path=str(lines))
    state.set_disabled("factory")
    factory.refresh()
    run_in_thread(uid)
    sweep()
    assert services.get(uid)["state"] == "parked"
    assert not lines.exists()
    state.set_enabled("factory", "1.0")
    factory.refresh()
    taken()
    sweep()
    assert uid in taken()
    run_in_thread(uid)
    assert services.get(uid)["state"] == "done"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_asks(
    factory: Site, lines: Path
) -> None:
    uid = services.enqueue("factory.write", path=str(lines))
    services.cancel(uid, SYSTEM)
    run_in_thread(uid)
    assert services.get(uid)["state"] == "cancelled"
    assert not lines.exists()
    with pytest.raises(Refusal):
        services.cancel(uid, SYSTEM)
    uid = services.enqueue("factory.wait", path=str(lines))
    worker = threading.Thread(target=run_job, args=(uid,))
    worker.start()
    while services.get(uid)["state"] != "running":
        pass
    services.cancel(uid, SYSTEM)
    worker.join(10)
    assert services.get(uid)["state"] == "cancelled"


def test_a_recurring_job_is_planned_once_by_many_sweepers(factory: Site, movable_clock: MovableClock) -> None:
    count = Prepared("SELECT COUNT(*) FROM job WHERE kind = 'factory.daily'")
    generation = current.generation()
    database.close()

    def sweep_often() -> None:
        with database.connection_context():
            for _ in range(3):
                Sweeper(queue()).sweep(generation)

    for days in (1, 2):
        threads = [threading.Thread(target=sweep_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.connection_context():
            assert count.value() == days
            for uid in taken():
                run_in_thread(uid)
        movable_clock.advance(clock.DAY)
    database.connect()


def test_a_job_that_fell_out_of_the_queue_is_handed_out_again(
    factory: Site, lines: Path, movable_clock: MovableClock
) -> None:
    uid = services.enqueue("factory.write", path=str(lines))
    assert taken() == [uid]
    sweep()
    assert uid not in taken()
    movable_clock.advance(clock.MINUTE)
    sweep()
    assert uid in taken()


def test_messages_are_no_pickles(factory: Site, lines: Path) -> None:
    uid = services.enqueue("factory.write", path=str(lines))
    (message,) = queue().huey.storage.enqueued_items()
    assert uid.encode() in bytes(message)
    assert bytes(message).startswith(b"[")


def test_old_jobs_are_deleted(factory: Site, lines: Path, movable_clock: MovableClock) -> None:
    old = services.enqueue("factory.write", path=str(lines))
    run_in_thread(old)
    movable_clock.advance(10 * clock.DAY)
    kept = services.enqueue("factory.write", path=str(lines))
    run_in_thread(services.enqueue("jobs.tidy"))
    assert services.get(kept)
    with pytest.raises(NotFound):
        services.get(old)


def test_the_list_begins_with_what_people_asked_for(factory: Site, sign_in: Callable[..., Any]) -> None:
    admin = sign_in("Ann", "admin")
    sweep()  # plans the recurring kinds and asks for each
    people = {
        services.enqueue("factory.count", total=3),
        services.enqueue("factory.daily", created_by=admin.account.id),
        services.enqueue("factory.refuse"),
    }

    def shown(query: str) -> set[str]:
        return set(re.findall(r'href="/admin/jobs/([^"/?]+)"', admin.get(f"/admin/jobs{query}").text))

    assert shown("") == shown("?of=people") == shown("?of=nonsense") == people
    system = shown("?of=system")
    assert system
    assert not system & people
    assert shown("?of=all") == system | people
    assert shown("?state=queued") == people
    assert shown("?of=system&state=failed") == set()


def test_failed_system_jobs_are_told_of_where_people_s_jobs_stand(
    factory: Site, sign_in: Callable[..., Any]
) -> None:
    admin = sign_in("Ann", "admin")
    sweep()
    assert "system job failed" not in admin.get("/admin/jobs").text
    Prepared("UPDATE job SET state = 'failed', finished_at = 1 WHERE kind = 'factory.daily'").run()
    page = admin.get("/admin/jobs").text
    assert "1 system job failed." in page
    assert 'href="/admin/jobs?of=system&amp;state=failed"' in page
    assert "factory.daily" in admin.get("/admin/jobs?of=system&state=failed").text
    assert admin.get("/admin").text.count("/admin/jobs?of=all&amp;state=failed") == 1


def test_the_pages_show_jobs_to_those_who_manage_them(
    factory: Site, sign_in: Callable[..., Any], lines: Path
) -> None:
    admin, member = sign_in("Ann", "admin"), sign_in("Bob", "member")
    uid = services.enqueue("factory.fail", created_by=member.account.id, path=str(lines))
    for path in ("/admin/jobs", "/admin/jobs?state=queued", "/admin/jobs/rows", f"/admin/jobs/{uid}"):
        assert "factory.fail" in admin.get(path).text
        assert member.get(path).status_code == 403
    assert member.get(f"/jobs/{uid}").get_json()["state"] == "queued"
    assert sign_in("Cy", "member").get(f"/jobs/{uid}").status_code == 404
    assert member.post(f"/admin/jobs/{uid}/cancel").status_code == 403
    assert admin.post(f"/admin/jobs/{uid}/cancel").status_code == 302
    assert services.get(uid)["state"] == "cancelled"
    assert admin.post(f"/admin/jobs/{uid}/retry").status_code == 302
    assert admin.get("/admin/jobs?before=x&state=nonsense").status_code == 200


def test_a_run_that_was_given_up_for_lost_does_not_keep_the_next_one_alive(factory: Site) -> None:
    uid = services.enqueue("factory.count", total=3)
    Prepared("UPDATE job SET state = 'running', attempts = 2, heartbeat_at = 1 WHERE uid = ?").run(uid)
    Run(uid, {}, None, 1).progress(1, 3, "lost")
    row = Prepared("SELECT message, heartbeat_at FROM job WHERE uid = ?")
    assert row.row(uid) == {"message": "", "heartbeat_at": 1}
    Run(uid, {}, None, 2).progress(2, 3, "found")
    found = row.row(uid)
    assert found is not None
    assert found["message"] == "found"
