"""What some tests need from the machine: PostgreSQL, Redis, Chromium, Dovecot. Loaded as a pytest plugin.

A test asks by a marker (`@pytest.mark.postgres`, `redis`, `browser`, `imap`), by a fixture (`postgres_url`,
`redis_url`, `chromium`, `imap_server`) or by calling `require("postgres")`. What is absent is skipped and named
at the end of the run; with `ECRM_REQUIRE_ALL=1` it is a failure instead, and so is every other skip.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

MARKERS = {"postgres": "postgres", "redis": "redis", "browser": "chromium", "imap": "dovecot"}
TITLES = {"postgres": "PostgreSQL", "redis": "Redis", "chromium": "Chromium", "dovecot": "Dovecot"}
HOW = {
    "postgres": "sudo apt-get install postgresql, or name a server in ECRM_TEST_POSTGRES_URL",
    "redis": "sudo apt-get install redis-server, or name a server in ECRM_TEST_REDIS_URL",
    "chromium": "sudo apt-get install chromium, or name its file in ECRM_TEST_CHROMIUM",
    "dovecot": "sudo apt-get install dovecot-imapd",
}

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def server_postgres_url() -> str:
    """Address of a database whose role may create databases; tests make their own beside it."""
    return os.environ.get("ECRM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def server_redis_url() -> str:
    """Address of the Redis server, without a database number."""
    return os.environ.get("ECRM_TEST_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")


def chromium_path() -> Path | None:
    """Chromium's file, or None."""
    named = os.environ.get("ECRM_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    return Path(found) if found and os.access(found, os.X_OK) else None


def dovecot_path() -> Path | None:
    """Dovecot's file, or None."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found else None


@cache
def missing(part: str) -> str | None:
    """Why a part of `TITLES` cannot be used here, or None when it can."""
    return {
        "postgres": _postgres_fault,
        "redis": _redis_fault,
        "chromium": _chromium_fault,
        "dovecot": _dovecot_fault,
    }[part]()


def have_postgres() -> bool:
    """Whether PostgreSQL answers and its role may create databases."""
    return missing("postgres") is None


def have_redis() -> bool:
    """Whether Redis answers."""
    return missing("redis") is None


def have_chromium() -> bool:
    """Whether Chromium and playwright are installed."""
    return missing("chromium") is None


def require_all() -> bool:
    """Whether nothing may be left out (`ECRM_REQUIRE_ALL=1`)."""
    return os.environ.get("ECRM_REQUIRE_ALL") == "1"


def require(part: str) -> None:
    """Skip the running test when `part` is missing; fail it when nothing may be left out."""
    reason = missing(part)
    if reason is None:
        return
    sentence = f"{_opening(part)} {reason}"
    if require_all():
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def _opening(part: str) -> str:
    return f"{TITLES[part]} is missing:"


def _postgres_fault() -> str | None:
    if find_spec("psycopg") is None:
        return "the package psycopg is not installed"
    import psycopg

    try:
        with psycopg.connect(server_postgres_url(), connect_timeout=3) as connection:
            query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            row = connection.execute(query).fetchone()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return None if row and row[0] else "its role may not create databases"


def _redis_fault() -> str | None:
    if find_spec("redis") is None:
        return "the package redis is not installed"
    import redis

    client = redis.Redis.from_url(server_redis_url(), socket_connect_timeout=3, socket_timeout=3)
    try:
        client.ping()
    except redis.RedisError as error:
        return str(error).splitlines()[0]
    finally:
        client.close()
    return None


def _chromium_fault() -> str | None:
    if find_spec("playwright") is None:
        return "the package playwright is not installed"
    return None if chromium_path() else "no chromium on this machine"


def _dovecot_fault() -> str | None:
    programs = ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap")
    return None if dovecot_path() and any(map(os.path.exists, programs)) else "no dovecot on this machine"


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Address of the PostgreSQL server; the test is left out where there is none."""
    require("postgres")
    return server_postgres_url()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Address of the Redis server; the test is left out where there is none."""
    require("redis")
    return server_redis_url()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Chromium's file; the test is left out where there is none."""
    require("chromium")
    path = chromium_path()
    assert path is not None
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask for the parts that a test's markers name."""
    for marker, part in MARKERS.items():
        if item.get_closest_marker(marker):
            require(part)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what this machine lacked, how many tests that left out, and how to mend it."""
    stats = terminalreporter.stats
    reports = [*stats.get("skipped", ()), *stats.get("failed", ()), *stats.get("error", ())]
    for part, title in TITLES.items():
        count = sum(_opening(part) in str(report.longrepr) for report in reports)
        if count:
            verb = "failed" if require_all() else "left out"
            terminalreporter.write_line(
                f"{title} is missing, tests {verb}: {count}. {HOW[part]}", yellow=True
            )
    if require_all() and stats.get("skipped"):
        count = len(stats["skipped"])
        terminalreporter.write_line(f"Tests skipped although ECRM_REQUIRE_ALL=1: {count}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something was skipped although nothing may be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if require_all() and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
