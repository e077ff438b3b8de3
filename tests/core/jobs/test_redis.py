"""The queue in Redis: a real server and a real job process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.jobs import services
from ecrm_server.kernel.site import Site
from tests.core.jobs.conftest import QUEUE_KEY, Start, until

if TYPE_CHECKING:
    from redis import Redis


def job_state(uid: str) -> str:
    return str(services.get(uid)["state"])


def test_a_job_goes_through_redis_to_the_job_process(
    redis_queue: Redis, factory: Site, tmp_path: Path, start: Start
) -> None:
    path = tmp_path / "lines"
    uid = services.enqueue("factory.write", path=str(path))
    (message,) = redis_queue.lrange(QUEUE_KEY, 0, -1)
    assert json.loads(message)[-1] == uid
    process = start()
    until(lambda: job_state(uid) == "done")
    assert path.read_text() == f"done {process.pid}\n"
    assert redis_queue.llen(QUEUE_KEY) == 0
    late = services.enqueue("factory.write", path=str(tmp_path / "late"))
    until(lambda: job_state(late) == "done", seconds=20)
    assert not (factory.config.instance / "jobs.db").exists(), "no queue in a file beside it"
    process.terminate()
    assert process.wait(15) == 0


def test_what_redis_lost_is_handed_out_again(
    redis_queue: Redis, factory: Site, tmp_path: Path, start: Start
) -> None:
    uid = services.enqueue("factory.write", path=str(tmp_path / "lines"))
    redis_queue.delete(QUEUE_KEY)
    Prepared("UPDATE job SET handed_at = ?").run(clock.now() - 2 * clock.MINUTE)
    start()
    until(lambda: job_state(uid) == "done")


@pytest.mark.redis
def test_a_job_is_kept_while_redis_is_away(make_site: Callable[..., Site]) -> None:
    make_site(redis_url="redis://127.0.0.1:1/0")
    uid = services.enqueue("jobs.tidy")
    assert job_state(uid) == "queued"
