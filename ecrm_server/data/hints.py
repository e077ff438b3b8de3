"""Telling SQLite what PostgreSQL knows by itself: of how many rows a condition holds.

SQLite counts the values of a column, not how often each stands there, and takes a comparison for true of every fourth
row.
"""

from __future__ import annotations

from ecrm_server.data.database import is_postgres


def knows_values() -> bool:
    """Whether the engine knows of how many rows a condition holds, so that nobody need tell it."""
    return is_postgres()


def of_few(condition: str) -> str:
    """A condition that holds for few rows: to be looked for first, by its index."""
    return condition if is_postgres() else f"likelihood({condition}, 0.0001)"


def of_most(condition: str) -> str:
    """A condition that holds for so many rows that its index does not help."""
    return condition if is_postgres() else f"likelihood({condition}, 0.9999)"
