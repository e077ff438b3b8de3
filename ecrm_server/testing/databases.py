"""Databases for tests: migrated once for each set of plugins, then copied."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from ecrm_server import data
from ecrm_server.data import database
from ecrm_server.kernel import state
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.migrate import histories, migrate
from ecrm_server.kernel.site import core_histories

POSTGRES_URL = os.environ.get("ECRM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@functools.cache
def _postgres_fault() -> str:
    try:
        import psycopg

        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except Exception as error:  # whatever is wrong, the test says so instead of failing
        return f"PostgreSQL does not answer: {error}"
    return ""


def require_postgres() -> None:
    """Skip the test, or fail it with ``ECRM_REQUIRE_ALL=1``, when PostgreSQL does not answer."""
    fault = _postgres_fault()
    if fault and os.environ.get("ECRM_REQUIRE_ALL") == "1":
        pytest.fail(fault)
    if fault:
        pytest.skip(fault)


def administer(sql: str) -> None:
    """Run a statement on the server's own database (to create and drop those of tests)."""
    import psycopg

    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(sql.encode())


templates: dict[tuple[str, str, tuple[str, ...]], str] = {}


def fill(url: str, plugins: tuple[str, ...], instance: Path) -> None:
    """Migrate the database, by copying one that was migrated for an earlier test where there is one."""
    engine = "sqlite" if url.startswith("sqlite") else "postgres"
    key = (engine, str(os.getpid()), plugins)
    if key in templates:
        _copy(engine, templates[key], url)
        return
    data.connect(url)
    with database.connection_context():
        migrate(core_histories())
        manifests = discover(instance).manifests
        migrate(histories((name, manifests[name].path) for name in plugins))
        for name in plugins:
            state.set_enabled(name, manifests[name].version)
        if engine == "sqlite":
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()
    templates[key] = _keep(engine, url, len(templates))


def _keep(engine: str, url: str, number: int) -> str:
    """Put a copy of a migrated database aside; returns its file or name."""
    if engine == "sqlite":
        kept = Path(tempfile.gettempdir()) / f"ecrm-template-{os.getpid()}-{number}.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), kept)
        return str(kept)
    name = f"ecrm_template_{os.getpid()}_{number}"
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{url.rpartition("/")[2]}"')
    return name


def _copy(engine: str, template: str, url: str) -> None:
    if engine == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, path)
        return
    name = url.rpartition("/")[2]
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
