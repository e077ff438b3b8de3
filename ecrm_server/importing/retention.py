"""What is kept of imports, and how long."""

from __future__ import annotations

from ecrm_server.importing.services import KEPT_DAYS
from ecrm_server.privacy.kind import Retention

TABLES = [
    Retention(
        table="import_run", holds="Files you imported", why="Staff see where data came from.",
        fixed=f"as long as the site; the file and what was before {KEPT_DAYS} days; erasure takes your name off it",
    ),
    Retention(
        table="import_template", holds="How you mapped files", why="The next file is mapped the same way.",
        fixed="until it is deleted; erasure takes your name off it",
    ),
]  # fmt: skip
