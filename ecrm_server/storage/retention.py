"""How long uploaded files are kept."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

TABLES = [
    Retention(
        table="stored_file", holds="Files you uploaded", why="They are part of what you wrote.",
        fixed="as long as what they belong to; a day when they belong to nothing",
    ),
]  # fmt: skip
