"""The courier: hands committed events to their subscribers, each effect exactly once."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.events import retention
from ecrm_server.events.outbox import Delivered, on_commit_of_events
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from ecrm_server.events.event import Subscription

log = logging.getLogger(__name__)

BATCH = 100
IDLE_SECONDS = 1.0
"""How often a courier looks for events that a crashed or stopped process left behind."""
OVERLAP = 10 * clock.SECOND
"""Longer than any worker takes to swap to a new generation."""
BACKOFF = (clock.SECOND, 5 * clock.SECOND, 30 * clock.SECOND, 5 * clock.MINUTE, clock.HOUR)
"""Waits before each new attempt; after the last one the delivery is a dead letter."""

_COLUMNS = "id, uid, name, version, data, at, actor_id, imported"
_UNDELIVERED = Prepared(f"SELECT {_COLUMNS} FROM event WHERE delivered_at IS NULL ORDER BY id LIMIT {BATCH}")
_TAKE = Prepared("UPDATE event SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL")
_CLAIM = Prepared(
    "INSERT INTO event_delivery (event_id, subscriber, state, attempts, next_at, error, at)"
    " VALUES (?, ?, 'done', 1, NULL, '', ?) ON CONFLICT (event_id, subscriber) DO NOTHING"
)
_RECORD = Prepared(
    "INSERT INTO event_delivery (event_id, subscriber, state, attempts, next_at, error, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (event_id, subscriber) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,"
    " next_at = excluded.next_at, error = excluded.error, at = excluded.at"
)
_RETAKE = Prepared(
    "UPDATE event_delivery SET state = 'done', attempts = attempts + 1, error = '', next_at = NULL, at = ?"
    " WHERE event_id = ? AND subscriber = ? AND state = 'retry' AND next_at <= ?"
)
_EVENT = Prepared(f"SELECT {_COLUMNS} FROM event WHERE id = ?")
_MISSED = Prepared(
    "SELECT id, name, imported FROM event WHERE at >= ? AND delivered_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM event_delivery d WHERE d.event_id = event.id AND d.subscriber = ?) ORDER BY id"
)
_UNDONE = Prepared(
    "SELECT d.event_id, d.subscriber, d.state, d.attempts, d.error, d.at, d.next_at, e.name, e.uid"
    " FROM event_delivery d JOIN event e ON e.id = d.event_id WHERE d.state <> 'done' ORDER BY d.at DESC LIMIT 100"
)
_REPLAY = Prepared(
    "UPDATE event_delivery SET state = 'retry', attempts = 0, next_at = ?"
    " WHERE event_id = ? AND subscriber = ? AND state = 'dead'"
)


def _delivered(row: dict[str, Any]) -> Delivered:
    values = dict(row)
    values["data"] = json.loads(row["data"])
    values["imported"] = bool(row["imported"])
    return Delivered(**values)


def deliver_pending() -> int:
    """Deliver everything that waits now, in order, and the retries that are due. Returns how many events it handled."""
    handled = 0
    while rows := _UNDELIVERED.rows():
        for row in rows:
            _deliver(_delivered(row))
        handled += len(rows)
    for due in _due():
        _retry(due["event_id"], due["subscriber"], due["attempts"])
        handled += 1
    return handled


def _due() -> list[dict[str, Any]]:
    """Retries whose time has come, of subscribers that are on: the rows of those that are off must not fill a batch."""
    on = list(current.generation().registry.subscriptions)
    marks = ", ".join("?" * len(on))
    due = Prepared(
        f"SELECT event_id, subscriber, attempts FROM event_delivery WHERE state = 'retry' AND next_at <= ?"
        f" AND subscriber IN ({marks}) ORDER BY next_at LIMIT {BATCH}"
    )
    return due.rows(clock.now(), *on) if on else []


def _deliver(event: Delivered) -> None:
    """Hand one event to all its subscribers in one transaction; each has a savepoint of its own."""
    with transaction():
        if not _TAKE.run(clock.now(), event.id):
            return  # another process's courier was first
        for subscriber, subscription in current.generation().subscribers(event.name):
            if (event.imported and not subscription.imported) or not _CLAIM.run(
                event.id, subscriber, clock.now()
            ):
                continue
            error = _attempt(subscriber, subscription, event)
            if error is not None:
                _failed(event.id, subscriber, 1, error)


def _attempt(subscriber: str, subscription: Subscription, event: Delivered) -> BaseException | None:
    try:
        with transaction():
            subscription.handler(event)
    except Exception as error:  # a subscriber's fault is recorded and retried, never passed on
        current.generation().fault(subscriber.split(":", 1)[0], f"subscriber {subscriber}", error)
        return error
    return None


def _failed(event_id: int, subscriber: str, attempts: int, error: BaseException) -> None:
    trace = "".join(traceback.format_exception(error))[-4000:]
    now = clock.now()
    if attempts > len(BACKOFF):
        _RECORD.run(event_id, subscriber, "dead", attempts, None, trace, now)
        return
    _RECORD.run(event_id, subscriber, "retry", attempts, now + BACKOFF[attempts - 1], trace, now)


def _retry(event_id: int, subscriber: str, attempts: int) -> None:
    with transaction():
        subscription = current.generation().subscription(subscriber)
        row = _EVENT.row(event_id)
        if subscription is None or row is None:
            return  # its plugin is off: the row waits until it is on again
        if not _RETAKE.run(clock.now(), event_id, subscriber, clock.now()):
            return
        error = _attempt(subscriber, subscription, _delivered(row))
        if error is not None:
            _failed(event_id, subscriber, attempts + 1, error)


def catch_up(subscriber: str, subscription: Subscription, since: int) -> int:
    """Queue for a subscriber what it missed since a time (milliseconds). Returns how many events.

    Idempotent: an event that the subscriber has already had is not queued again.
    """
    with transaction():
        queued = 0
        for row in _MISSED.rows(since, subscriber):
            if subscription.matches(row["name"]) and (subscription.imported or not row["imported"]):
                _RECORD.run(row["id"], subscriber, "retry", 0, clock.now(), "", clock.now())
                queued += 1
    return queued


_RETURNED = Prepared(
    "SELECT name, disabled_at, changed_at FROM plugin_state"
    " WHERE enabled AND NOT quarantined AND disabled_at IS NOT NULL"
)
_SETTLED = Prepared(
    "UPDATE plugin_state SET disabled_at = NULL WHERE name = ? AND enabled AND disabled_at = ?"
)


def catch_up_returned() -> None:
    """Queue what plugins missed while they were off.

    It is done again for a while after a plugin came back: a worker that had not swapped yet may have delivered
    events without it.
    """
    for row in _RETURNED.rows():
        for subscriber, subscription in current.generation().registry.subscriptions.items():
            if subscriber.startswith(f"{row['name']}:") and subscription.missed == "catch_up":
                since = max(row["disabled_at"] - OVERLAP, clock.now() - retention.DELIVERIES)
                catch_up(subscriber, subscription, since)
        if current.generation().has(row["name"]) and clock.now() - row["changed_at"] > OVERLAP:
            _SETTLED.run(row["name"], row["disabled_at"])


def undone() -> list[dict[str, Any]]:
    """The last deliveries that failed: waiting for the next attempt, or given up."""
    return _UNDONE.rows()


def replay(event_id: int, subscriber: str) -> bool:
    """Give a dead letter another chance. Returns whether there was one."""
    return _REPLAY.run(clock.now(), event_id, subscriber) == 1


class Courier:
    """One per process: delivers at once what this process commits, and looks now and then for what others left."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the courier's thread (a greenlet under gevent)."""
        on_commit_of_events(self._wake.set)
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for events now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the event in hand and end."""
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop:
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()
            try:
                with database.connection_context():
                    catch_up_returned()
                    deliver_pending()
            except Exception:  # the database is away for a moment: the events wait in it
                log.exception("the courier could not deliver; it tries again")
                self._wake.wait(IDLE_SECONDS)
