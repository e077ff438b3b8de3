"""What the privacy part itself holds about people, and how long."""

from __future__ import annotations

from ecrm_server.data import Prepared
from ecrm_server.privacy.kind import Retention
from ecrm_server.privacy.retention import forget_runs

_REQUESTS = Prepared(
    "DELETE FROM data_request WHERE id IN (SELECT id FROM data_request WHERE finished_at < ? AND file IS NULL"
    " ORDER BY id LIMIT ?)"
)

TABLES = [
    Retention(
        table="data_request", holds="That you asked for your data or to be forgotten",
        why="We can show that we did it.", days=1095, least=30, sweep=_REQUESTS.run,
    ),
    Retention(
        table="erasure_debt", holds="That a feature which was off has still to forget you",
        why="It does so as soon as it is on.", fixed="until it is done",
    ),
    Retention(
        table="retention_run", holds="How many rows were deleted when",
        why="We can show that periods are kept; it names nobody.", days=365, least=30, sweep=forget_runs,
    ),
]  # fmt: skip
