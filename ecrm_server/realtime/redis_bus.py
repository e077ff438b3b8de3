"""Redis as a wake-up between processes: a message may get lost, none is waited for longer than half a second."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

TIMEOUT = 0.5
_QUEUE = 10_000
_REST = 1.0
"""Seconds without another attempt after one failed."""
_PING_SECONDS = 5
_BACKOFF = (0.2, 0.5, 1.0, 2.0)


class Bus:
    """Publishes small JSON messages to the other processes of the site and hears theirs.

    Two threads, so that a hung Redis stops neither the hub nor any request. Who publishes never waits.
    """

    def __init__(
        self, url: str, secret: str, hear: Callable[[dict[str, Any]], None], back: Callable[[], None]
    ) -> None:
        self._url = url
        self._topic = f"ecrm:{hashlib.sha256(secret.encode()).hexdigest()[:16]}:live"
        self._hear = hear
        self._back = back
        self._self = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._outgoing: deque[dict[str, Any]] = deque(maxlen=_QUEUE)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._listening = False
        self._sending = True

    @property
    def id(self) -> str:
        """This process, as the others know it."""
        return self._self

    @property
    def healthy(self) -> bool:
        """Whether wake-ups get through, as far as this process knows."""
        return self._listening and self._sending

    def start(self) -> None:
        """Start publishing and listening."""
        for work, name in ((self._publish_all, "bus-publisher"), (self._listen, "bus-listener")):
            threading.Thread(target=work, name=name, daemon=True).start()

    def stop(self) -> None:
        """Publish what waits, if that goes at once, and end both threads."""
        deadline = time.monotonic() + TIMEOUT
        while self._outgoing and self._sending and time.monotonic() < deadline:
            time.sleep(0.01)
        self._stopping.set()
        self._wake.set()

    def publish(self, message: dict[str, Any]) -> None:
        """Send a message to the other processes; when Redis is away it is dropped."""
        self._outgoing.append(message)
        self._wake.set()

    def _client(self) -> Any:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return redis.Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=_PING_SECONDS,
        )

    def _publish_all(self) -> None:
        import redis

        client = self._client()
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._outgoing and not self._stopping.is_set():
                waiting = [self._outgoing.popleft() for _ in range(len(self._outgoing))]
                body = json.dumps({"from": self._self, "all": waiting})
                try:
                    client.publish(self._topic, body)
                    self._sending = True
                except (redis.RedisError, OSError) as error:
                    self._give_up(error)
        client.close()

    def _give_up(self, error: Exception) -> None:
        """What could not be sent is stale by now; the others read the database."""
        if self._sending:
            log.warning("Redis does not take wake-ups: %s", error)
        self._sending = False
        self._stopping.wait(_REST)
        self._outgoing.clear()

    def _listen(self) -> None:
        import redis

        failures = 0
        while not self._stopping.is_set():
            client = self._client()
            try:
                with client.pubsub(ignore_subscribe_messages=True) as subscription:
                    subscription.subscribe(self._topic)
                    while not self._stopping.is_set():
                        message = subscription.get_message(timeout=TIMEOUT)
                        if not self._listening:
                            self._listening, self._sending, failures = True, True, 0
                            self._back()
                        if message is not None:
                            self._received(message["data"])
            except (redis.RedisError, OSError) as error:
                if self._listening or not failures:
                    log.warning("Redis does not send wake-ups: %s", error)
                self._listening = False
                self._stopping.wait(_BACKOFF[min(failures, len(_BACKOFF) - 1)])
                failures += 1
            finally:
                client.close()

    def _received(self, data: bytes) -> None:
        try:
            body = json.loads(data)
            if body["from"] != self._self:
                for message in body["all"]:
                    self._hear(message | {"from": body["from"]})
        except (ValueError, KeyError, TypeError):
            log.warning("a message on the Redis channel of live updates could not be read")
