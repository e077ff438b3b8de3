"""What lists do outside requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.identity.actors import of_account
from ecrm_server.jobs.kind import JobKind
from ecrm_server.lists import bulk
from ecrm_server.lists.bound import bind

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run


def _index(run: Run, name: str, column: str) -> None:
    """Build the index that a column offers; only where whoever asked for it may still do so."""
    actor = of_account(run.created_by) if run.created_by is not None else None
    if actor is None or not actor.may("lists.index"):
        return
    found = bind(name, actor).columns.get(column)
    if found is not None and found.make_index is not None:
        found.make_index()


KINDS = [
    JobKind("lists.bulk", bulk.work, "Change many rows of a list", max_attempts=bulk.ATTEMPTS),
    JobKind("lists.undo", bulk.work_back, "Undo a change of many rows", max_attempts=bulk.ATTEMPTS),
    JobKind("lists.index", _index, "Build an index for a list"),
    JobKind("lists.sweep", bulk.sweep, "Forget what undoing bulk actions needed", every=3600),
]
