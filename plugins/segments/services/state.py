"""The row that everything which changes memberships locks first, and the moment that rules are asked about."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

from ecrm_server.api import Prepared, clock, setting

_VERSION = Prepared("SELECT version FROM segments_state WHERE id = 1")
_LOCK = Prepared("SELECT version FROM segments_state WHERE id = 1", lock=True)
_CHANGED = Prepared("UPDATE segments_state SET version = ? WHERE id = 1")


def version() -> int:
    """Another number after each change of a segment that matters to memberships."""
    return int(_VERSION.value())


def lock() -> int:
    """Let nobody else change memberships until the transaction ends; gives the version.

    Who holds it reads customers as they are by then, so the last change of a customer is always the one that counts.
    """
    return int(_LOCK.value())


def changed() -> None:
    """Let every process read the segments anew.

    The number is drawn, not counted: one that a rollback took back must not come again with other segments behind it.
    """
    _CHANGED.run(secrets.randbits(53))


def analysis_end() -> int | None:
    """The last millisecond of the analysis day; None when rules are asked about now."""
    text = setting("segments.analysis_date")
    if not text:
        return None
    after = datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), UTC)
    return int(after.timestamp()) * 1000 - 1


def moment() -> int:
    """What rules are asked about: now, or the end of the analysis day."""
    end = analysis_end()
    return clock.now() if end is None else end
