"""Where rate limits are counted: one storage for the process, which outlives generations and starts no timer."""

from __future__ import annotations

import threading
import time
from functools import cache
from typing import Any

from limits.storage import Storage

SCHEME = "ecrm-process"
_SWEEP_EVERY = 10_000


class ProcessStorage(Storage):
    """Counters in memory, by key, each with the moment it ends; every instance counts in the same place."""

    STORAGE_SCHEME = [SCHEME]
    _lock = threading.Lock()
    _counts: dict[str, tuple[int, float]] = {}
    _writes = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now, shared = time.time(), ProcessStorage
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._counts[key] = (count + amount, ends)
            shared._writes += 1
            if shared._writes % _SWEEP_EVERY == 0:
                for over in [name for name, (_, end) in self._counts.items() if end <= now]:
                    del self._counts[over]
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)


def storage(redis_url: str) -> tuple[str, dict[str, Any]]:
    """Address and options of the storage: Redis where there is one (shared by all workers), else this process."""
    if not redis_url:
        return f"{SCHEME}://", {}
    return redis_url, {"connection_pool": _redis_pool(redis_url), "key_prefix": "ecrm-limits"}


@cache
def _redis_pool(url: str) -> Any:
    import redis

    return redis.ConnectionPool.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def reset() -> None:
    """Forget every count of this process (tests)."""
    ProcessStorage().reset()
