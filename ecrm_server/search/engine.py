"""What the index asks of a database engine; one module each for SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ecrm_server.data import is_postgres
from ecrm_server.search.query import Query

COLUMNS = ("kind", "uid", "scope", "title", "body", "author", "tags", "extra", "at", "lang")
ROW = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Plain SQL over ``d`` (search_document) that every query is limited by, with its parameters.

    kinds: when not all kinds were asked for, those that were, so that the index can skip the others.
    """

    sql: str
    params: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()


class Engine(Protocol):
    """Writing and finding. Scores are better when smaller."""

    def write(self, rows: list[ROW]) -> None:
        """Put rows (values of COLUMNS, each (kind, uid) once) in or replace them."""

    def remove(self, kind: str, uids: list[str]) -> None:
        """Take documents out."""

    def latest(
        self, query: Query, conditions: Conditions, limit: int, *, title_only: bool = False
    ) -> list[int]:
        """The ids of the matching documents that were put in last, at most ``limit``."""

    def ranked(self, query: Query, conditions: Conditions, limit: int) -> list[tuple[int, float]]:
        """(id, score) of matching documents; all of them have to be weighed, so only for what is not too common."""

    def newest(
        self, query: Query, conditions: Conditions, before: tuple[int, int] | None, limit: int
    ) -> list[tuple[int, int]]:
        """(id, at) of what matches, newest first, older than the pair (at, id) ``before``."""


def engine() -> Engine:
    """The engine of the database in use."""
    if is_postgres():
        from ecrm_server.search import postgres

        return postgres.ENGINE
    from ecrm_server.search import sqlite

    return sqlite.ENGINE
