"""Work of imports outside the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server import clock
from ecrm_server.importing import services, store
from ecrm_server.jobs.kind import JobKind

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run


def _tidy(run: Run) -> None:
    store.forget_old(clock.now() - services.KEPT_DAYS * clock.DAY)


KINDS = [
    JobKind("importing.check", services.check_file, "Check a file"),
    JobKind("importing.carry_out", services.carry_out, "Import a file"),
    JobKind("importing.undo", services.carry_out_undo, "Undo an import"),
    JobKind("importing.tidy", _tidy, "Delete files of old imports", every=86_400),
]
