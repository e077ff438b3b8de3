"""Writing events into the outbox, in the transaction of the change they tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, database
from ecrm_server.data.bulk import insert_many
from ecrm_server.events.event import Event

_COLUMNS = ("uid", "name", "version", "data", "at", "actor_id", "imported")
_INSERT = Prepared(f"INSERT INTO event ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)")

_importing: ContextVar[bool] = ContextVar("importing", default=False)
_wake: list[Callable[[], None]] = []


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as a subscriber receives it.

    ``id`` is its row, ``uid`` its public id; ``data`` are the event's fields; ``at`` is in milliseconds UTC.
    """

    id: int
    uid: str
    name: str
    version: int
    data: dict[str, Any]
    at: int
    actor_id: int | None
    imported: bool

    def __getattr__(self, field: str) -> Any:
        try:
            return self.data[field]
        except KeyError:
            raise AttributeError(f"{self.name} has no field {field!r}") from None


def emit(event: Event, *, actor_id: int | None = None, at: int | None = None) -> str:
    """Write an event; it is delivered after the surrounding transaction commits. Returns its public id.

    Raises RuntimeError outside a transaction: a fact and its event are written together or not at all.
    """
    row = _row(event, actor_id, at or clock.now())
    _INSERT.run(*row)
    _wake_after_commit()
    return str(row[0])


def emit_all(events: Iterable[Event], *, actor_id: int | None = None) -> None:
    """Write many events with few statements, in their order. Raises RuntimeError outside a transaction."""
    now = clock.now()
    rows = [_row(event, actor_id, now) for event in events]
    if rows:
        insert_many("event", _COLUMNS, rows)
        _wake_after_commit()


def _row(event: Event, actor_id: int | None, at: int) -> tuple[Any, ...]:
    if not database.in_transaction():
        raise RuntimeError(f"{event.name} was emitted outside a transaction")
    data = json.dumps(event.data(), separators=(",", ":"), ensure_ascii=False)
    return ids.event_id(), event.name, event.version, data, at, actor_id, _importing.get()


def _wake_after_commit() -> None:
    for wake in _wake:
        database.after_commit(wake)


@contextmanager
def importing() -> Iterator[None]:
    """Mark every event emitted in the block as part of an import: subscribers of the outside world do not get it."""
    token = _importing.set(True)
    try:
        yield
    finally:
        _importing.reset(token)


def is_importing() -> bool:
    """Whether the current block is part of an import."""
    return _importing.get()


def on_commit_of_events(wake: Callable[[], None]) -> None:
    """Register what is called after a transaction with events commits (the courier of this process)."""
    if wake not in _wake:
        _wake.append(wake)
