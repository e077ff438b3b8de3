"""Work on personal data outside the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.jobs.kind import JobKind
from ecrm_server.privacy import erasing, retention, services

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run


def _export(run: Run, request: str) -> None:
    services.export(request, run.progress)


def _erase(run: Run, request: str) -> None:
    services.carry_out_erasure(request)


def _settle(run: Run) -> None:
    erasing.settle_debts()


def _sweep(run: Run) -> None:
    services.sweep()


KINDS = [
    JobKind("privacy.export", _export, "Gather a person's data"),
    JobKind("privacy.erasure", _erase, "Erase a person"),
    JobKind("privacy.settle_debts", _settle, "Erase what parts that were off still store", every=60),
    JobKind(retention.JOB, retention.keep, "Delete what was kept long enough", every=86_400),
    JobKind("privacy.sweep", _sweep, "Delete old archives of personal data", every=3600),
]
