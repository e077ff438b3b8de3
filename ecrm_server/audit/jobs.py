"""Sealing what a crashed process left unsealed; running processes seal by themselves within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.audit.models import CHAIN
from ecrm_server.jobs.kind import JobKind
from ecrm_server.seals.services import seal_pending

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run


def _seal(run: Run) -> None:
    seal_pending(CHAIN)


KINDS = [JobKind("audit.seal", _seal, "Seal the audit log", every=60)]
