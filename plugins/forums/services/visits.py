"""How often topics are looked at: counted in memory, written now and then, never by the visit itself."""

from __future__ import annotations

import logging
import threading

from ecrm_server.api import Prepared, clock, database, transaction

log = logging.getLogger(__name__)

EVERY = 30 * clock.SECOND
_ADD = Prepared("UPDATE forums_topic SET view_count = view_count + ? WHERE id = ?")

_counts: dict[int, int] = {}
_lock = threading.Lock()
_written_at = 0


def note(topic_id: int) -> None:
    """Somebody looks at a topic. At most ``EVERY`` so often this hands what was counted to a thread that writes it."""
    global _written_at
    with _lock:
        _counts[topic_id] = _counts.get(topic_id, 0) + 1
        now = clock.now()
        if now - _written_at < EVERY:
            return
        _written_at = now
    threading.Thread(target=_write_quietly, name="forums-visits", daemon=True).start()


def flush() -> int:
    """Write what was counted since the last time. Returns how many topics. What a crash loses is half a minute."""
    global _counts
    with _lock:
        waiting, _counts = _counts, {}
    if waiting:
        with transaction():
            # In one order everywhere, so that two processes cannot wait for each other.
            for topic_id in sorted(waiting):
                _ADD.run(waiting[topic_id], topic_id)
    return len(waiting)


def _write_quietly() -> None:
    try:
        with database.connection_context():
            flush()
    except Exception:  # a count that is lost must not break anything
        log.exception("the visits could not be written")
