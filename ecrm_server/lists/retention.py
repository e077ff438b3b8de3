"""What is kept of those who work with lists, and how long."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

TABLES = [
    Retention(table="list_view", holds="Views of lists that you stored", why="You open them again."),
    Retention(table="list_default", holds="Which view you open first", why="A list opens as you like it."),
    Retention(
        table="list_bulk", holds="What you changed in many rows at once", why="You see how far it is, and undo it.",
        fixed="30 days, what undoes it for a day; erasure takes your name off it at once",
    ),
]  # fmt: skip
