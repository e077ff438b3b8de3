"""How long answers to programs are kept."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

TABLES = [
    Retention(
        table="rest_idempotent_answer", holds="Answers to your programs",
        why="A request that is sent twice does its work once.", fixed="one day",
    ),
]  # fmt: skip
