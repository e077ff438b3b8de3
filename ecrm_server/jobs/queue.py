"""The huey queue: carries nothing but the uid of a job's row, so losing the queue loses no job."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.config import Config

log = logging.getLogger(__name__)

NAME = "ecrm"
TASK = "run_job"


class UidSerializer(Serializer):
    """Messages as JSON of three strings: huey's own pickle would run whatever somebody puts into the queue."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps([data.id, data.name, data.args[0]]).encode()

    def _deserialize(self, data: bytes) -> Message:
        identifier, name, uid = json.loads(bytes(data))
        return Message(identifier, name, retries=0, retry_delay=0, retry_backoff=0, args=(uid,), kwargs={})


class Queue:
    """One huey of the process with its one generic task."""

    def __init__(self, config: Config) -> None:
        from ecrm_server.jobs.execute import run_job

        self.huey = _huey(config)
        self._task = self.huey.task(name=TASK)(run_job)

    def put(self, uid: str) -> None:
        """Hand a job to whichever worker is free. A failure is logged: the sweeper hands it out again."""
        try:
            self._task(uid)
        except Exception:  # the queue may be away for a moment; the row is what counts
            log.exception("job %s could not be put into the queue", uid)

    def is_empty(self) -> bool:
        """Whether no job waits for a worker."""
        return int(self.huey.pending_count()) == 0


def _huey(config: Config) -> Huey:
    if config.redis_url:
        return RedisHuey(NAME, results=False, serializer=UidSerializer(), url=config.redis_url)
    config.instance.mkdir(parents=True, exist_ok=True)
    path = str(config.instance / "jobs.db")
    return SqliteHuey(NAME, filename=path, results=False, serializer=UidSerializer(), fsync=False, cache_mb=1)


_queues: dict[tuple[str, str], Queue] = {}
_lock = threading.Lock()


def queue() -> Queue:
    """The queue of the site in force; opened at the first use, after a fork."""
    config = current.generation().config
    key = (config.redis_url, str(config.instance))
    with _lock:
        found = _queues.get(key)
        if found is None:
            found = _queues[key] = Queue(config)
        return found
