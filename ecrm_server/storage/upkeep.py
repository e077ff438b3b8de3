"""Sweeping, health, export and erasure of stored files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server import clock
from ecrm_server.admin.health import Result
from ecrm_server.data import Prepared, transaction
from ecrm_server.jobs.kind import JobKind
from ecrm_server.storage import services
from ecrm_server.storage.kind import PUBLIC
from ecrm_server.storage.store import new_key

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

KEPT = clock.DAY
"""Milliseconds that a file may hang on nothing."""

_OLD = Prepared(
    "SELECT id, uid, store_key FROM stored_file WHERE attached_kind = '' AND created_at < ? ORDER BY id LIMIT 100"
)
_TOTAL = Prepared("SELECT count(*) AS number, coalesce(sum(size), 0) AS bytes FROM stored_file")
_OWNED = Prepared(
    "SELECT uid, name, media_type, size, width, height, attached_kind, created_at FROM stored_file"
    " WHERE owner_id = ? ORDER BY id"
)
_PERSONAL = Prepared("SELECT id, store_key FROM stored_file WHERE owner_id = ? AND attached_kind IN ('', ?)")
_DISOWN = Prepared("UPDATE stored_file SET owner_id = NULL WHERE owner_id = ?")


def sweep(run: Run) -> None:
    """The job ``storage.sweep``: delete files that hang on nothing for a day."""
    while rows := _OLD.rows(clock.now() - KEPT):
        run.check()
        with transaction():
            for row in rows:
                services.forget(row)


JOBS = [JobKind("storage.sweep", sweep, "Delete files that are not used", every=3_600)]


def check_folder() -> Result:
    """The store takes, gives back and forgets a file."""
    kept, key = services.store(), new_key("txt")
    try:
        kept.put(key, b"health")
        with kept.open(key) as file:
            sound = file.read() == b"health"
        kept.delete(key)
    except OSError as error:
        return Result("broken", f"Files cannot be kept: {error}.")
    total = _TOTAL.row() or {"number": 0, "bytes": 0}
    text = f"{total['number']} files with {total['bytes'] / 1e6:.1f} MB."
    return Result("well", text) if sound else Result("broken", "A file came back with other content.")


def export(profile_id: int) -> list[dict[str, Any]]:
    """What a person uploaded: names, kinds and sizes. The files themselves are found where they hang."""
    return _OWNED.rows(profile_id)


def erase(profile_id: int) -> None:
    """Delete a person's avatar and unused files; files in content stay with it, without an owner."""
    for row in _PERSONAL.rows(profile_id, PUBLIC):
        services.forget(row)
    _DISOWN.run(profile_id)
