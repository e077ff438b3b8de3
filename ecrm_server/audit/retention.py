"""How long the audit log is kept."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

TABLES = [
    Retention(
        table="audit_entry", holds="Changes you made to settings and to data of others",
        why="It is proof of who changed what, sealed so that nobody can alter it; we have a legitimate interest in it.",
        fixed="as long as the site; erasure takes your name out of it",
    ),
]  # fmt: skip
