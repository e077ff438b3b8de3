"""A migrated, empty database on each engine, for the tests of the core domains beside this folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecrm_server import data
from ecrm_server.kernel.migrate import histories, migrate
from ecrm_server.kernel.part import CORE_PARTS, core_folder
from tests.requirements import require, server_postgres_url


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The engine, with every core domain's tables."""
    if request.param == "sqlite":
        yield from _connected(f"sqlite:///{tmp_path / 'test.db'}")
        return
    require("postgres")
    yield from _on_postgres()


@pytest.fixture
def postgres_db() -> Iterator[Any]:
    """PostgreSQL alone, for what only it can do wrong."""
    require("postgres")
    yield from _on_postgres()


def _on_postgres() -> Iterator[Any]:
    import psycopg

    name = f"ecrm_people_{secrets.token_hex(4)}"
    server = server_postgres_url()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield from _connected(f"{server.rpartition('/')[0]}/{name}")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _connected(url: str) -> Iterator[Any]:
    engine = data.connect(url)
    migrate(histories((name, core_folder(name)) for name in CORE_PARTS))
    yield engine
    if not engine.is_closed():
        engine.close()
    engine.close_all()
